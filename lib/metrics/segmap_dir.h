/* segmap_dir - predicted segmentation maps kept as a folder of PNG files into a set */
#ifndef METRICS_SEGMAP_DIR_H
#define METRICS_SEGMAP_DIR_H

#include "metrics/evaluation.h"

/* Count the pixels of every PNG of a folder (gray or palette, the value is the class, numbered as the truth does) against
   the true segmentation map of its image, found by name. The set must be sealed. -1 and err(ERR_DATA or ERR_INPUT): not such a
   PNG, damaged, of another size than the true one, a value that is no class where the truth has one, an image twice, or
   one that the truth has not (unless restricted, then it is counted). */
int segmap_dir_read(struct evaluation *s, const char *folder, const struct evaluation_rules *rules);

#endif

/* maps - predicted label maps kept as a folder of PNG files into a set */
#ifndef SCORE_MAPS_H
#define SCORE_MAPS_H

#include "score/set.h"

/* Count the pixels of every PNG of a folder (grey or palette, the value is the class, numbered as the truth does) against
   the true label map of its picture, found by name. The set must be sealed. -1 and err(ERR_DATA or ERR_INPUT): not such a
   PNG, damaged, of another size than the true one, a value that is no class where the truth has one, a picture twice, or
   one that the truth has not (unless restricted, then it is counted). */
int maps_read(struct set *s, const char *folder, const struct set_rules *rules);

#endif

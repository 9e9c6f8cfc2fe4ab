/* range - a pair of numbers as an option has it: MIN,MAX */
#ifndef BASE_RANGE_H
#define BASE_RANGE_H

/* Read `MIN,MAX` with 0 < MIN <= MAX <= most. -1 and err(ERR_USAGE) with the option's name. */
int range_read(const char *option, const char *text, double most, double pair[2]);

#endif

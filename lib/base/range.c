/* range - a pair of numbers as an option has it: MIN,MAX */
#include "base/range.h"
#include "base/err.h"

#include <stdio.h>

int
range_read(const char *option, const char *text, double most, double pair[2])
{
	char rest;

	if (sscanf(text, "%lf,%lf%c", &pair[0], &pair[1], &rest) != 2 || !(pair[0] > 0 && pair[0] <= pair[1] && pair[1] <= most))
		return err(ERR_USAGE, "--%s: '%s' is not MIN,MAX with 0 < MIN <= MAX <= %g", option, text, most);
	return 0;
}

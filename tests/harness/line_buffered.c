/*
 * Makes a unit test program write each line at once, even to a file: if it is
 * killed, the lines tell how far it came.
 */
#include <stdio.h>

__attribute__((constructor)) static void
write_lines_at_once(void)
{
	(void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

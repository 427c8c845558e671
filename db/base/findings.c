#include "db/base/findings.h"

#include <stdarg.h>
#include <stdio.h>

void
findings_add(struct findings *f, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	f->fn(line, f->arg);
	f->n++;
}

/*
 * metrics: what this daemon counts, as Prometheus text (format 0.0.4).
 */
#ifndef POLLER_METRICS_H
#define POLLER_METRICS_H

#include "poller/server.h"

void metrics_add(const struct service *, struct buf *);

#endif

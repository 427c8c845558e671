/*
 * metrics: GET /metrics: this daemon's counters, as Prometheus text (format
 * 0.0.4).
 */
#ifndef POLLER_METRICS_H
#define POLLER_METRICS_H

#include "poller/exchange.h"

enum MHD_Result metrics_answer(struct exchange *);

#endif

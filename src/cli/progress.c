/* SPDX-License-Identifier: MIT */
/* Progress on stderr: a bar with an estimate on a terminal, a heartbeat line in a log; and the signals that ask to stop. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The first signal asks for an orderly end; a second one of the same kind kills, since the handler is gone by then. Calls that wait (read, write, open) are not begun again. */
static void on_signal(int number)
{
    fp_interrupt(number);
}

void cli_catch_signals(void)
{
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

double cli_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void cli_progress_start(cli_progress *p, const char *what, double horizon, bool quiet)
{
    const char *term = getenv("TERM");
    *p = (cli_progress){.enabled = !quiet, .what = what, .horizon = horizon, .start = cli_seconds()};
    p->terminal = isatty(STDERR_FILENO) && getenv("CI") == NULL && term && strcmp(term, "dumb") != 0;
    p->last = p->start - (p->terminal ? 1 : 0);
}

/* Steps grow about like t, so work done is measured on a log scale. */
static double fraction_done(const cli_progress *p, double t)
{
    double unit = p->horizon / 1e5;
    double done = log1p(t / unit) / log1p(p->horizon / unit);
    return done < 0 ? 0 : done > 1 ? 1 : done;
}

void cli_progress_show(cli_progress *p, double t, unsigned long steps, double h)
{
    double now = cli_seconds(), elapsed = now - p->start;
    if (!p->enabled || now - p->last < (p->terminal ? 0.2 : 20.0)) return;
    p->last = now;
    double done = fraction_done(p, t), left = done > 0.02 ? elapsed * (1 - done) / done : -1;
    char eta[32] = "";
    if (left >= 0) snprintf(eta, sizeof eta, ", about %.0f s left", left);
    if (!p->terminal) {
        cli_line(stderr, "flowproof: %s: t = %.4g of %.4g, %lu steps, h = %.2g, %.0f s%s", p->what, t, p->horizon, steps, h, elapsed, eta);
        return;
    }
    char bar[31];
    for (int k = 0; k < 30; k++) bar[k] = k < (int)(done * 30) ? '#' : '.';
    bar[30] = 0;
    cli_erase_line(stderr);
    cli_print(stderr, "%s [%s] t = %.4g of %.4g, %lu steps, %.0f s%s", p->what, bar, t, p->horizon, steps, elapsed, eta);
    fflush(stderr);
}

void cli_progress_end(cli_progress *p)
{
    if (p->enabled && p->terminal) cli_erase_line(stderr);
}

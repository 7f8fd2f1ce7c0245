/* SPDX-License-Identifier: MIT */
/* Invariant, under `lock`: parts [0, next) have been handed out, `unfinished` parts have not returned, and
 * task, ctx, parts change only while unfinished == 0. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "flowproof/base.h"

struct fp_pool {
    pthread_mutex_t turn; /* one fp_pool_run at a time */
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pthread_t *workers;
    size_t count; /* workers; the caller of fp_pool_run is one thread more */
    pthread_t runner;
    void (*task)(void *ctx, size_t part);
    void *ctx;
    size_t parts, next, unfinished;
    bool running, stop;
    void (**hooks)(void);
    size_t hook_count;
};

/* Called and left with the lock held. */
static void work_off(fp_pool *pool)
{
    while (pool->next < pool->parts) {
        size_t part = pool->next++;
        pthread_mutex_unlock(&pool->lock);
        if (!fp_interrupted()) pool->task(pool->ctx, part);
        pthread_mutex_lock(&pool->lock);
        if (--pool->unfinished == 0) pthread_cond_signal(&pool->done);
    }
}

static void *worker_main(void *arg)
{
    fp_pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    while (!pool->stop) {
        work_off(pool);
        if (!pool->stop) pthread_cond_wait(&pool->work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->hook_count; i++) pool->hooks[i]();
    return NULL;
}

/* Signals stay with the thread that made the pool. A thread that cannot be made is done without: results do
 * not depend on the number. */
static void start_workers(fp_pool *pool, size_t wanted)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool->count < wanted &&
           pthread_create(&pool->workers[pool->count], NULL, worker_main, pool) == 0)
        pool->count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

fp_pool *fp_pool_new(int threads)
{
    fp_pool *pool = fp_alloc(1, sizeof *pool);
    size_t wanted = threads > 1 ? (size_t)threads - 1 : 0;
    pthread_mutex_init(&pool->turn, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->workers = fp_alloc(wanted, sizeof *pool->workers);
    start_workers(pool, wanted);
    return pool;
}

void fp_pool_free(fp_pool *pool)
{
    if (!pool) return;
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->count; i++) pthread_join(pool->workers[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    pthread_mutex_destroy(&pool->turn);
    free(pool->workers);
    free(pool->hooks);
    free(pool);
}

int fp_pool_threads(const fp_pool *pool)
{
    return pool ? (int)pool->count + 1 : 1;
}

/* Is the calling thread already inside a task of this pool? */
static bool is_nested(fp_pool *pool)
{
    pthread_t self = pthread_self();
    pthread_mutex_lock(&pool->lock);
    bool nested = pool->running && pthread_equal(pool->runner, self);
    for (size_t i = 0; !nested && i < pool->count; i++)
        nested = pthread_equal(pool->workers[i], self);
    pthread_mutex_unlock(&pool->lock);
    return nested;
}

static void run_parallel(fp_pool *pool, size_t parts, void (*task)(void *, size_t), void *ctx)
{
    pthread_mutex_lock(&pool->turn);
    pthread_mutex_lock(&pool->lock);
    pool->task = task;
    pool->ctx = ctx;
    pool->parts = pool->unfinished = parts;
    pool->next = 0;
    pool->runner = pthread_self();
    pool->running = true;
    pthread_cond_broadcast(&pool->work);
    work_off(pool);
    while (pool->unfinished) pthread_cond_wait(&pool->done, &pool->lock);
    pool->running = false;
    pthread_mutex_unlock(&pool->lock);
    pthread_mutex_unlock(&pool->turn);
}

void fp_pool_run(fp_pool *pool, size_t parts, void (*task)(void *ctx, size_t part), void *ctx)
{
    if (pool && pool->count && parts > 1 && !is_nested(pool))
        run_parallel(pool, parts, task, ctx);
    else
        for (size_t part = 0; part < parts && !fp_interrupted(); part++) task(ctx, part);
}

void fp_pool_on_exit(fp_pool *pool, void (*hook)(void))
{
    if (!pool) return;
    pthread_mutex_lock(&pool->lock);
    pool->hooks = fp_realloc(pool->hooks, pool->hook_count + 1, sizeof *pool->hooks);
    pool->hooks[pool->hook_count++] = hook;
    pthread_mutex_unlock(&pool->lock);
}

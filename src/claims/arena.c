/* SPDX-License-Identifier: MIT */
/* A bump allocator: what belongs to a set of sheets is freed at once. Also knows the rationals in it. */
#include "sheet_impl.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 16, ALIGN = 16 };

typedef struct block block;
struct block {
    block *next;
    size_t used, size;
    _Alignas(ALIGN) unsigned char bytes[];
};

typedef struct rational rational;
struct rational {
    mpq_ptr q;
    rational *next;
};

struct fp_arena {
    block *blocks;
    rational *rationals;
};

fp_arena *fp_arena_new(void)
{
    return fp_alloc(1, sizeof(fp_arena));
}

void fp_arena_free(fp_arena *a)
{
    if (!a) return;
    for (rational *r = a->rationals; r; r = r->next) mpq_clear(r->q);
    for (block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

void *fp_arena_alloc(fp_arena *a, size_t count, size_t size)
{
    if (size && count > (SIZE_MAX - sizeof(block) - ALIGN) / size) return fp_alloc(count, size); /* ends the process */
    size_t bytes = (count * size + ALIGN - 1) / ALIGN * ALIGN;
    block *b = a->blocks;
    if (!b || b->size - b->used < bytes) {
        size_t room = bytes > BLOCK ? bytes : BLOCK;
        b = fp_alloc(1, sizeof *b + room);
        b->size = room;
        b->next = a->blocks;
        a->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += bytes;
    return p;
}

char *fp_arena_strndup(fp_arena *a, const char *s, size_t n)
{
    char *copy = fp_arena_alloc(a, n + 1, 1);
    if (n) memcpy(copy, s, n);
    return copy;
}

void fp_arena_mpq_init(fp_arena *a, mpq_ptr q)
{
    rational *r = fp_arena_alloc(a, 1, sizeof *r);
    mpq_init(q);
    r->q = q;
    r->next = a->rationals;
    a->rationals = r;
}

void *fp_arena_grow(fp_arena *a, void *array, int count, size_t size)
{
    if (count & (count - 1) || count < 0) return array;
    size_t old = (size_t)count;
    void *bigger = fp_arena_alloc(a, old ? 2 * old : 1, size);
    if (old) memcpy(bigger, array, old * size);
    return bigger;
}

void fp_arena_list_add(fp_arena *a, fp_list *list, const char *s, size_t n)
{
    list->items = fp_arena_grow(a, list->items, (int)list->count, sizeof *list->items);
    list->items[list->count++] = fp_arena_strndup(a, s, n);
}

/* SPDX-License-Identifier: MIT */
/* Coroutines: who runs when, on which stack, and what is left of them. */
#include "server/parts/coroutine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { STACK_SIZE = 64 * 1024 };

struct diary {
    char entries[64];
    size_t size;
};

static void note(struct diary *diary, const char *entry)
{
    assert_in_range(diary->size, 0, sizeof diary->entries - 2);
    diary->entries[diary->size++] = *entry;
    diary->entries[diary->size] = '\0';
}

static void note_three_times(struct coroutine *self, void *argument)
{
    struct diary *diary = argument;

    note(diary, "a");
    coroutine_suspend(self);
    note(diary, "b");
    coroutine_suspend(self);
    note(diary, "c");
}

static void runs_only_when_resumed(void **state)
{
    struct coroutine_stacks stacks;
    struct diary diary = {"", 0};

    (void)state;
    coroutine_stacks_init(&stacks, STACK_SIZE);
    struct coroutine *coroutine = coroutine_new(&stacks, note_three_times, &diary);

    assert_non_null(coroutine);
    assert_string_equal(diary.entries, "");
    assert_true(coroutine_resume(coroutine));
    note(&diary, "-");
    assert_true(coroutine_resume(coroutine));
    note(&diary, "-");
    assert_false(coroutine_resume(coroutine));
    assert_string_equal(diary.entries, "a-b-c");
    coroutine_stacks_release(&stacks);
}

/* One that starts another, which outlives it and is gone on with from elsewhere. */
struct family {
    struct coroutine_stacks stacks;
    struct coroutine *child;
    struct diary diary;
};

static void start_a_child(struct coroutine *self, void *argument)
{
    struct family *family = argument;

    family->child = coroutine_new(&family->stacks, note_three_times, &family->diary);
    assert_true(coroutine_resume(family->child));
    note(&family->diary, "1");
    coroutine_suspend(self);
    note(&family->diary, "2");
}

static void one_resumes_another(void **state)
{
    struct family family = {.child = NULL};

    (void)state;
    coroutine_stacks_init(&family.stacks, STACK_SIZE);
    struct coroutine *parent = coroutine_new(&family.stacks, start_a_child, &family);

    assert_true(coroutine_resume(parent));
    assert_true(coroutine_resume(family.child));
    assert_false(coroutine_resume(parent));
    assert_false(coroutine_resume(family.child));
    assert_string_equal(family.diary.entries, "a1b2c");
    coroutine_stacks_release(&family.stacks);
}

/* Numbers of all kinds in registers and on the stack, three quarters of which are used. */
static void calculate(struct coroutine *self, void *argument)
{
    volatile uint8_t used[STACK_SIZE / 4 * 3];
    _Alignas(16) volatile double aligned[2] = {0.5, 0.25};
    int id = *(int *)argument;
    char text[64];

    assert_int_equal((uintptr_t)aligned % 16, 0);
    for (int i = 0; i < 10; i++) {
        memset((void *)used, id, sizeof used);
        coroutine_suspend(self);
        for (size_t k = 0; k < sizeof used; k++)
            assert_int_equal(used[k], id);
        snprintf(text, sizeof text, "%d %.2f", id, (double)id * aligned[0] + aligned[1]);
    }
    *(int *)argument = text[0] == '0' + id ? -1 : 0;
}

static void stacks_are_their_own(void **state)
{
    enum { COROUTINES = 9 };
    struct coroutine *coroutines[COROUTINES];
    struct coroutine_stacks stacks;
    int ids[COROUTINES];

    (void)state;
    coroutine_stacks_init(&stacks, STACK_SIZE);
    for (int i = 0; i < COROUTINES; i++) {
        ids[i] = i;
        coroutines[i] = coroutine_new(&stacks, calculate, &ids[i]);
        assert_non_null(coroutines[i]);
    }
    for (int round = 0; round <= 10; round++) {
        for (int i = 0; i < COROUTINES; i++)
            assert_int_equal(coroutine_resume(coroutines[i]), round < 10);
    }
    for (int i = 0; i < COROUTINES; i++)
        assert_int_equal(ids[i], -1);
    coroutine_stacks_release(&stacks);
}

/* More at once than are kept, twice: the second time some have the stacks of the first. */
static void stacks_are_used_again(void **state)
{
    enum { COROUTINES = 600 };
    static struct coroutine *coroutines[COROUTINES];
    static struct diary diaries[COROUTINES];
    struct coroutine_stacks stacks;

    (void)state;
    coroutine_stacks_init(&stacks, STACK_SIZE);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COROUTINES; i++) {
            diaries[i] = (struct diary){"", 0};
            coroutines[i] = coroutine_new(&stacks, note_three_times, &diaries[i]);
            assert_non_null(coroutines[i]);
        }
        for (int i = 0; i < COROUTINES; i++) {
            while (coroutine_resume(coroutines[i]))
                ;
            assert_string_equal(diaries[i].entries, "abc");
        }
        assert_in_range(stacks.spare_count, 1, COROUTINES - 1);
    }
    coroutine_stacks_release(&stacks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_only_when_resumed),
        cmocka_unit_test(one_resumes_another),
        cmocka_unit_test(stacks_are_their_own),
        cmocka_unit_test(stacks_are_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The ring: frames shared by readers, positions, and what happens when full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "poller/ring.h"

static const struct scope red = { SCOPE_ROOM, 1 };
static const struct scope blue = { SCOPE_ROOM, 2 };
static const struct scope own = { SCOPE_USER, 1 };

static struct ring *
ring_of(size_t frames)
{
	return ring_open(frames, 1 << 26, "9f2c0a11");
}

static void
append(struct ring *r, int64_t seq, struct scope scope)
{
	struct event e = { seq, scope, "message", "{\"n\":1}", 7, 0, 0 };
	struct channels touched = STAILQ_HEAD_INITIALIZER(touched);
	struct channel *c;

	ring_append(r, &e, &touched);
	while ((c = STAILQ_FIRST(&touched)) != NULL) {
		STAILQ_REMOVE_HEAD(&touched, touched);
		ring_fanned_out(r, c);
	}
}

static int64_t
next(struct reading *reading)
{
	struct frame *f = ring_peek(reading, 0);

	if (f == NULL)
		return 0;
	reading->pos++;
	return f->seq;
}

static void
a_reader_finds_the_frames_of_its_channel_alone(void **state)
{
	struct ring *r = ring_of(16);
	struct reading reading;

	(void)state;
	ring_subscribe(r, red, &reading);
	append(r, 1, red);
	append(r, 2, blue);
	append(r, 3, own);
	append(r, 4, red);
	assert_int_equal(next(&reading), 1);
	assert_int_equal(next(&reading), 4);
	assert_int_equal(next(&reading), 0);
	ring_unsubscribe(r, &reading);
	ring_close(r);
}

static void
seeking_stands_behind_the_last_frame_up_to_a_cursor(void **state)
{
	struct ring *r = ring_of(16);
	struct reading reading;

	(void)state;
	for (int64_t seq = 2; seq <= 10; seq += 2)
		append(r, seq, red);
	ring_subscribe(r, red, &reading);
	for (int64_t after = 0; after <= 10; after++) {
		ring_seek(&reading, after);
		assert_int_equal(
		    next(&reading), after < 10 ? after / 2 * 2 + 2 : 0);
	}
	ring_unsubscribe(r, &reading);
	ring_close(r);
}

static void
a_full_ring_drops_the_oldest_and_says_whom_it_has_passed(void **state)
{
	struct ring *r = ring_of(4);
	struct reading slow, quiet;

	(void)state;
	ring_subscribe(r, red, &slow);
	ring_subscribe(r, blue, &quiet);
	for (int64_t seq = 1; seq <= 9; seq++)
		append(r, seq, red);
	assert_int_equal(ring_frames(r), 4);
	assert_int_equal(ring_floor(r), 5);
	assert_true(ring_passed(&slow));
	assert_false(ring_passed(&quiet));
	ring_seek(&slow, 7);
	assert_false(ring_passed(&slow));
	assert_int_equal(next(&slow), 8);
	ring_unsubscribe(r, &slow);
	ring_unsubscribe(r, &quiet);
	ring_close(r);
}

static void
the_ring_keeps_to_its_memory_as_well(void **state)
{
	struct ring *r = ring_open(1000, 4096, "9f2c0a11");

	(void)state;
	for (int64_t seq = 1; seq <= 100; seq++)
		append(r, seq, red);
	assert_true(ring_bytes(r) <= 4096);
	assert_true(ring_frames(r) > 0);
	assert_int_equal(ring_floor(r), 100 - (int64_t)ring_frames(r));
	ring_close(r);
}

static void
texts_count_as_memory_and_are_dropped_with_their_frames(void **state)
{
	struct ring *r = ring_open(1000, 8192, "9f2c0a11");
	struct reading reading;
	size_t before;

	(void)state;
	ring_subscribe(r, red, &reading);
	for (int64_t seq = 1; seq <= 100; seq++)
		append(r, seq, red);
	ring_seek(&reading, ring_floor(r));
	before = ring_frames(r);
	for (uint64_t i = 0; i < before; i++)
		(void)ring_text(r, ring_peek(&reading, i), &sse_protocol);
	assert_true(ring_bytes(r) > 8192);
	ring_trim(r);
	assert_true(ring_bytes(r) <= 8192);
	assert_true(ring_frames(r) > 0 && ring_frames(r) < before);
	assert_true(ring_passed(&reading));
	ring_unsubscribe(r, &reading);
	ring_close(r);
}

static void
a_frame_is_the_event_in_each_form(void **state)
{
	struct ring *r = ring_of(4);
	struct reading reading;
	struct frame *f;

	(void)state;
	ring_subscribe(r, red, &reading);
	append(r, 17, red);
	f = ring_peek(&reading, 0);
	assert_string_equal(buf_str(ring_text(r, f, &sse_protocol)),
	    "id: 9f2c0a11-17\nevent: message\ndata: {\"n\":1}\n\n");
	assert_string_equal(buf_str(ring_text(r, f, &ndjson_protocol)),
	    "{\"id\":\"9f2c0a11-17\",\"kind\":\"message\","
	    "\"data\":{\"n\":1}}\n");
	assert_string_equal(buf_str(ring_text(r, f, &poll_protocol)),
	    "{\"id\":\"9f2c0a11-17\",\"kind\":\"message\","
	    "\"data\":{\"n\":1}},");
	assert_ptr_equal(
	    ring_text(r, f, &sse_protocol), ring_text(r, f, &sse_protocol));
	ring_unsubscribe(r, &reading);
	ring_close(r);
}

static void
thousands_of_channels_are_told_apart(void **state)
{
	enum { CHANNELS = 5000 };
	static struct reading readings[CHANNELS];
	struct ring *r = ring_of(2 * CHANNELS);

	(void)state;
	for (int64_t i = 0; i < CHANNELS; i++)
		ring_subscribe(
		    r, (struct scope){ SCOPE_ROOM, i }, &readings[i]);
	for (int64_t i = 0; i < CHANNELS; i++)
		append(r, i + 1, (struct scope){ SCOPE_ROOM, i });
	for (int64_t i = 0; i < CHANNELS; i++) {
		assert_int_equal(next(&readings[i]), i + 1);
		assert_int_equal(next(&readings[i]), 0);
		ring_unsubscribe(r, &readings[i]);
	}
	ring_close(r);
}

static void
what_was_rewritten_is_passed_for_everyone_and_empty(void **state)
{
	struct ring *r = ring_of(16);
	struct reading early, late, queue, other;
	struct channels touched = STAILQ_HEAD_INITIALIZER(touched);
	struct event e = { 5, red, "edited", "{\"n\":2}", 7, 0, 2 };
	size_t before;

	(void)state;
	ring_subscribe(r, red, &early);
	ring_subscribe(r, own, &queue);
	ring_subscribe(r, blue, &other);
	append(r, 1, red);
	append(r, 2, red);
	append(r, 3, own);
	append(r, 4, blue);
	ring_subscribe(r, red, &late);
	before = ring_bytes(r);
	ring_append(r, &e, &touched);
	ring_fanned_out(r, STAILQ_FIRST(&touched));
	assert_true(ring_passed(&early));
	assert_true(ring_passed(&queue));
	assert_false(ring_passed(&late));
	assert_false(ring_passed(&other));
	assert_int_equal(next(&late), 5);
	assert_int_equal(next(&other), 4);
	assert_true(ring_bytes(r) < before + 2 * sizeof(struct frame));
	ring_seek(&early, 4);
	assert_false(ring_passed(&early));
	assert_int_equal(next(&early), 5);
	ring_unsubscribe(r, &early);
	ring_unsubscribe(r, &late);
	ring_unsubscribe(r, &queue);
	ring_unsubscribe(r, &other);
	ring_close(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_was_rewritten_is_passed_for_everyone_and_empty),
		cmocka_unit_test(
		    a_reader_finds_the_frames_of_its_channel_alone),
		cmocka_unit_test(
		    seeking_stands_behind_the_last_frame_up_to_a_cursor),
		cmocka_unit_test(
		    a_full_ring_drops_the_oldest_and_says_whom_it_has_passed),
		cmocka_unit_test(the_ring_keeps_to_its_memory_as_well),
		cmocka_unit_test(
		    texts_count_as_memory_and_are_dropped_with_their_frames),
		cmocka_unit_test(a_frame_is_the_event_in_each_form),
		cmocka_unit_test(thousands_of_channels_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

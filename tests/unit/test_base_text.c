/* Clock, UUIDs, text helpers, seat bits and money. */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/seatbits.h"
#include "base/size.h"
#include "base/text.h"
#include "base/zone.h"
#include "base/uuid.h"
#include "test_base.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* --- clock --- */

static void
date_times_are_read_with_any_offset(void)
{
	static const struct {
		const char *text;
		int64_t unix_s;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01T09:00:00+09:00", 0},
		{"1969-12-31T19:00:00-05:00", 0},
		{"2026-11-21T10:00:00Z", 1795255200},
		{"2026-11-21T10:00:00.999999Z", 1795255200},
		{"2026-11-21t10:00:00z", 1795255200},
		{"2026-11-21T19:00:00+09:00", 1795255200},
		{"2026-11-21T10:00:00-00:00", 1795255200},
		{"2024-02-29T00:00:00Z", 1709164800},
		{"2000-02-29T00:00:00Z", 951782400},
		{"0001-01-01T00:00:00Z", -62135596800},
		{"9999-12-31T23:59:59Z", 253402300799},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t unix_s = -1;

		unit_row(rows[i].text);
		UNIT_TRUE(clock_parse(rows[i].text, strlen(rows[i].text), &unix_s));
		UNIT_I64(rows[i].unix_s, unix_s);
	}
}

static void
what_is_no_date_time_is_refused(void)
{
	static const char *const rows[] = {
		"",
		"2026-11-21",
		"2026-11-21T10:00:00",
		"2026-11-21 10:00:00Z",
		"2026-11-21T10:00Z",
		"2026-11-21T24:00:00Z",
		"2026-11-21T10:60:00Z",
		"2026-11-21T23:59:60Z",
		"2026-13-01T10:00:00Z",
		"2026-00-01T10:00:00Z",
		"2026-11-00T10:00:00Z",
		"2026-11-31T10:00:00Z",
		"2026-02-29T10:00:00Z",
		"1900-02-29T10:00:00Z",
		"0000-01-01T00:00:00Z",
		"0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"2026-11-21T10:00:00.Z",
		"2026-11-21T10:00:00,5Z",
		"2026-11-21T10:00:00+0900",
		"2026-11-21T10:00:00+09",
		"2026-11-21T10:00:00+24:00",
		"2026-11-21T10:00:00+09:60",
		"2026-11-21T10:00:00 Z",
		"2026-11-21T10:00:00ZZ",
		"2026-11-21T10:00:00Z ",
		" 2026-11-21T10:00:00Z",
		"+026-11-21T10:00:00Z",
		"2026/11/21T10:00:00Z",
		"2026-11-21T10:00:00.5",
		"20261121T100000Z",
		"2026-W47-6T10:00:00Z",
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t unix_s = -1;

		unit_row(rows[i]);
		UNIT_FALSE(clock_parse(rows[i], strlen(rows[i]), &unix_s));
		UNIT_I64(-1, unix_s);
	}
}

static void
every_hour_of_centuries_is_written_as_it_is_read(void)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t wrong = 0;

	/* An odd step, so that all days and times of day come up. */
	for (int64_t unix_s = -62135596800; unix_s <= 253402300799; unix_s += 3456789) {
		int64_t back = 0;

		clock_format(unix_s, text);
		wrong += !clock_parse(text, strlen(text), &back) || back != unix_s;
	}
	UNIT_I64(0, wrong);
	clock_format(1795255200, text);
	UNIT_TEXT("2026-11-21T10:00:00Z", text);
	clock_format(-1, text);
	UNIT_TEXT("1969-12-31T23:59:59Z", text);
}

static void
format_year_ten_thousand(void *context)
{
	char text[CLOCK_RFC3339_SIZE];

	(void)context;
	clock_format(253402300800, text);
}

static void
a_year_that_has_no_text_is_a_bug(void)
{
	UNIT_I64(SIGABRT, unit_ends_by(format_year_ten_thousand, NULL));
}

static void
days_are_read_when_they_exist(void)
{
	static const struct {
		const char *text;
		bool is_day;
		int32_t days;
	} rows[] = {
		{"1970-01-01", true, 0},     {"1970-01-02", true, 1},
		{"1969-12-31", true, -1},    {"2026-11-21", true, 20778},
		{"2024-02-29", true, 19782}, {"2023-02-29", false, 0},
		{"2026-11-31", false, 0},    {"2026-1-1", false, 0},
		{"2026-11-21T", false, 0},   {"", false, 0},
		{"20261121", false, 0},      {"2026-11-2x", false, 0},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int32_t days = 0;

		unit_row(rows[i].text);
		UNIT_I64(rows[i].is_day,
			 clock_parse_date(rows[i].text, strlen(rows[i].text), &days));
		UNIT_I64(rows[i].days, days);
	}
}

static void
the_monotonic_clock_goes_forward(void)
{
	int64_t before_us = clock_mono_us();

	UNIT_TRUE(clock_mono_us() >= before_us);
	UNIT_TRUE(clock_mono_ms() >= before_us / 1000);
	UNIT_TRUE(clock_wall_us() > INT64_C(1600000000000000));
}

static void
a_pause_may_be_longer_than_a_second(void)
{
	int64_t since_ms = clock_mono_ms();

	clock_pause_ms(1050);
	UNIT_TRUE(clock_mono_ms() - since_ms >= 1050);
}

/* In a namespace of its own whose clock was put forward, as a suspended machine does. */
static void
the_monotonic_clock_counts_the_time_of_a_suspended_machine(void)
{
	int status, child = fork();

	if (child == 0) {
		const int fd = unshare(CLONE_NEWTIME) == 0
				       ? open("/proc/self/timens_offsets", O_WRONLY)
				       : -1;
		int64_t before_s = clock_mono_us() / 1000000;

		if (fd < 0 || write(fd, "boottime 1000 0\n", 16) != 16)
			_exit(0); /* not permitted here */
		child = fork();
		if (child == 0)
			_exit(clock_mono_us() / 1000000 - before_s >= 1000 ? 0 : 1);
		_exit(waitpid(child, &status, 0) == child && status == 0 ? 0 : 1);
	}
	UNIT_I64(child, waitpid(child, &status, 0));
	UNIT_I64(0, status);
}

const struct unit_case clock_cases[] = {
	{"date-times are read with any offset", date_times_are_read_with_any_offset},
	{"what is no date-time is refused", what_is_no_date_time_is_refused},
	{"every hour of centuries is written as it is read",
	 every_hour_of_centuries_is_written_as_it_is_read},
	{"a year that has no text is a bug", a_year_that_has_no_text_is_a_bug},
	{"days are read when they exist", days_are_read_when_they_exist},
	{"the monotonic clock goes forward", the_monotonic_clock_goes_forward},
	{"a pause may be longer than a second", a_pause_may_be_longer_than_a_second},
	{"the monotonic clock counts the time of a suspended machine",
	 the_monotonic_clock_counts_the_time_of_a_suspended_machine},
	{NULL, NULL},
};

/* --- uuid --- */

static void
a_new_id_is_random_of_version_four(void)
{
	struct uuid a, b;
	char text[UUID_TEXT_SIZE];

	for (int i = 0; i < 100; i++) {
		uuid_new(&a);
		uuid_new(&b);
		UNIT_FALSE(uuid_is_equal(&a, &b));
		uuid_format(&a, text);
		UNIT_I64('4', text[14]);
		UNIT_TRUE(strchr("89ab", text[19]) != NULL);
	}
}

static void
an_id_is_read_in_either_case_and_written_in_lower(void)
{
	const char *upper = "0123ABCD-4567-89EF-fedc-BA9876543210";
	char text[UUID_TEXT_SIZE];
	struct uuid uuid;

	UNIT_TRUE(uuid_parse(upper, 36, &uuid));
	uuid_format(&uuid, text);
	UNIT_TEXT("0123abcd-4567-89ef-fedc-ba9876543210", text);
	UNIT_I64(0x01, uuid.bytes[0]);
	UNIT_I64(0x10, uuid.bytes[15]);
}

static void
what_is_no_id_is_refused(void)
{
	static const char *const rows[] = {
		"",
		"0123abcd-4567-89ef-fedc-ba987654321",
		"0123abcd-4567-89ef-fedc-ba98765432100",
		"0123abcd45-67-89ef-fedc-ba9876543210",
		"0123abcd-4567-89ef-fedc-ba987654321g",
		"0123abcd-4567-89ef-fedc_ba9876543210",
		"{123abcd-4567-89ef-fedc-ba987654321}",
		" 123abcd-4567-89ef-fedc-ba9876543210",
		"0123abcd-4567-89ef-fedc-ba987654 210",
		"0123abcd456789effedcba9876543210",
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct uuid uuid = {{7}};

		unit_row(rows[i]);
		UNIT_FALSE(uuid_parse(rows[i], strlen(rows[i]), &uuid));
		UNIT_I64(7, uuid.bytes[0]);
	}
}

const struct unit_case uuid_cases[] = {
	{"a new id is random, of version four", a_new_id_is_random_of_version_four},
	{"an id is read in either case and written in lower",
	 an_id_is_read_in_either_case_and_written_in_lower},
	{"what is no id is refused", what_is_no_id_is_refused},
	{NULL, NULL},
};

/* --- text --- */

static void
whole_numbers_are_read_to_their_limits(void)
{
	static const struct {
		const char *text;
		bool is_number;
		int64_t number;
	} rows[] = {
		{"0", true, 0},
		{"7", true, 7},
		{"-7", true, -7},
		{"1234567890", true, 1234567890},
		{"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN},
		{"9223372036854775808", false, 0},
		{"-9223372036854775809", false, 0},
		{"99999999999999999999", false, 0},
		{"", false, 0},
		{"-", false, 0},
		{"-0", false, 0},
		{"00", false, 0},
		{"07", false, 0},
		{"-07", false, 0},
		{"+7", false, 0},
		{" 7", false, 0},
		{"7 ", false, 0},
		{"1.0", false, 0},
		{"1e3", false, 0},
		{"0x7", false, 0},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t number = 0;

		unit_row(rows[i].text);
		UNIT_I64(rows[i].is_number,
			 text_parse_i64(rows[i].text, strlen(rows[i].text), &number));
		UNIT_I64(rows[i].number, number);
	}
}

static void
hex_goes_both_ways(void)
{
	uint8_t bytes[4] = {0x00, 0x7f, 0xab, 0xff}, back[4] = {0};
	char text[9];

	text_hex(bytes, 4, text);
	UNIT_TEXT("007fabff", text);
	UNIT_TRUE(text_unhex("007FaBff", 8, back));
	UNIT_I64(0, memcmp(bytes, back, 4));
	UNIT_FALSE(text_unhex("007", 3, back));
	UNIT_FALSE(text_unhex("0g", 2, back));
	UNIT_TRUE(text_unhex("", 0, back));
}

static void
base64_is_as_in_the_standard(void)
{
	static const struct {
		const char *plain, *padded, *url;
	} rows[] = {
		{"", "", ""},
		{"f", "Zg==", "Zg"},
		{"fo", "Zm8=", "Zm8"},
		{"foo", "Zm9v", "Zm9v"},
		{"foob", "Zm9vYg==", "Zm9vYg"},
		{"fooba", "Zm9vYmE=", "Zm9vYmE"},
		{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
		{"\xfb\xff\xbf", "+/+/", "-_-_"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t len = strlen(rows[i].plain), size = 99;
		uint8_t *back;

		unit_row(rows[i].padded);
		UNIT_TEXT(rows[i].padded, text_base64(unit_arena(), rows[i].plain, len));
		UNIT_TEXT(rows[i].url, text_base64url(unit_arena(), rows[i].plain, len));
		back = text_unbase64url(unit_arena(), rows[i].url, strlen(rows[i].url), &size);
		UNIT_I64(len, size);
		UNIT_TRUE(back && memcmp(back, rows[i].plain, len) == 0);
		size = 99;
		back = text_unbase64(unit_arena(), rows[i].padded, strlen(rows[i].padded), &size);
		UNIT_I64(len, size);
		UNIT_TRUE(back && memcmp(back, rows[i].plain, len) == 0);
	}
}

static void
a_value_has_one_text_in_base64url(void)
{
	static const char *const rows[] = {
		"A", "Zg==", "Zm8=", "Zm9 v", "+/+/", "Zh", "Zm9", "Zm9vZ", "Zm9v\n", "Z\xc3\xa9",
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t size = 99;

		unit_row(rows[i]);
		UNIT_TRUE(text_unbase64url(unit_arena(), rows[i], strlen(rows[i]), &size) == NULL);
		UNIT_I64(99, size);
	}
}

static void
padded_base64_is_strict(void)
{
	static const char *const rows[] = {
		"Zg", "Zg=", "Z===", "====", "Zm9v=", "Zg==Zg==", "-_-_", "Zh=="};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t size = 99;

		unit_row(rows[i]);
		UNIT_TRUE(text_unbase64(unit_arena(), rows[i], strlen(rows[i]), &size) == NULL);
		UNIT_I64(99, size);
	}
}

static void
only_well_formed_utf8_passes(void)
{
	static const struct {
		const char *name, *text;
		bool is_utf8;
	} rows[] = {
		{"ascii", "seat", true},
		{"two bytes", "\xc2\x80\xdf\xbf", true},
		{"three bytes", "\xed\x95\x9c\xea\xb5\xad", true},
		{"four bytes", "\xf0\x9f\x8e\xab\xf4\x8f\xbf\xbf", true},
		{"least of three", "\xe0\xa0\x80", true},
		{"before and behind the surrogates", "\xed\x9f\xbf\xee\x80\x80", true},
		{"a lone continuation", "\x80", false},
		{"a cut character", "\xed\x95", false},
		{"overlong slash of two", "\xc0\xaf", false},
		{"overlong of two", "\xc1\xbf", false},
		{"overlong of three", "\xe0\x9f\xbf", false},
		{"overlong of four", "\xf0\x8f\xbf\xbf", false},
		{"a surrogate", "\xed\xa0\x80", false},
		{"above the last code point", "\xf4\x90\x80\x80", false},
		{"five bytes", "\xf8\x88\x80\x80\x80", false},
		{"an ascii in a character", "\xe1\x41\x80", false},
		{"ff", "\xff", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unit_row(rows[i].name);
		UNIT_I64(rows[i].is_utf8, text_is_utf8(rows[i].text, strlen(rows[i].text)));
	}
	unit_row(NULL);
	UNIT_I64(4, text_utf8_length("\xed\x95\x9c"
				     "a"
				     "\xf0\x9f\x8e\xab"
				     "\xc3\xa9",
				     10));
}

static void
random_bytes_differ(void)
{
	uint8_t a[64] = {0}, b[64] = {0};

	text_random(a, sizeof(a));
	text_random(b, sizeof(b));
	UNIT_FALSE(text_is_equal_ct(a, b, sizeof(a)));
	UNIT_TRUE(text_is_equal_ct(a, a, sizeof(a)));
	memcpy(b, a, sizeof(b));
	b[63] ^= 1;
	UNIT_FALSE(text_is_equal_ct(a, b, sizeof(a)));
	UNIT_TRUE(text_is_equal_ct(a, b, 63));
}

static void
overflow_sum(void *context)
{
	(void)context;
	size_add(SIZE_MAX, 1);
}

static void
sizes_that_overflow_abort(void)
{
	UNIT_I64(SIZE_MAX, size_add(SIZE_MAX - 1, 1));
	UNIT_I64(SIZE_MAX - 1, size_mul(SIZE_MAX / 2, 2));
	UNIT_I64(SIGABRT, unit_ends_by(overflow_sum, NULL));
}

const struct unit_case text_cases[] = {
	{"whole numbers are read to their limits", whole_numbers_are_read_to_their_limits},
	{"hex goes both ways", hex_goes_both_ways},
	{"base64 is as in the standard", base64_is_as_in_the_standard},
	{"a value has one text in base64url", a_value_has_one_text_in_base64url},
	{"padded base64 is strict", padded_base64_is_strict},
	{"only well-formed UTF-8 passes", only_well_formed_utf8_passes},
	{"random bytes differ", random_bytes_differ},
	{"sizes that overflow abort", sizes_that_overflow_abort},
	{NULL, NULL},
};

/* --- seatbits --- */

static void
seat_zero_is_in_the_lowest_bits_of_byte_zero(void)
{
	uint8_t bits[2] = {0xff, 0xff};

	UNIT_TRUE(seatbits_pack("12300", 5, bits));
	UNIT_I64(1 | 2 << 2 | 3 << 4, bits[0]);
	UNIT_I64(0, bits[1]);
	UNIT_TEXT("OQA=", text_base64(unit_arena(), bits, 2));
}

static void
sizes_are_rounded_up(void)
{
	UNIT_I64(0, seatbits_size(0));
	UNIT_I64(1, seatbits_size(1));
	UNIT_I64(1, seatbits_size(4));
	UNIT_I64(2, seatbits_size(5));
	UNIT_I64(12500, seatbits_size(50000));
}

static void
another_character_or_length_is_refused(void)
{
	uint8_t bits[4] = {0x55, 0x55, 0x55, 0x55};

	UNIT_FALSE(seatbits_pack("0124", 4, bits));
	UNIT_FALSE(seatbits_pack("012 ", 4, bits));
	UNIT_FALSE(seatbits_pack("012", 4, bits));
	UNIT_FALSE(seatbits_pack("01230", 4, bits));
	UNIT_I64(0x55, bits[0]);
	UNIT_TRUE(seatbits_pack("", 0, bits));
}

const struct unit_case seatbits_cases[] = {
	{"seat 0 is in the lowest bits of byte 0", seat_zero_is_in_the_lowest_bits_of_byte_zero},
	{"sizes are rounded up", sizes_are_rounded_up},
	{"another character or length is refused", another_character_or_length_is_refused},
	{NULL, NULL},
};

/* --- money --- */

static void
a_currency_is_of_iso_4217(void)
{
	for (size_t i = 1; money_currencies[i] != NULL; i++)
		UNIT_TRUE(strcmp(money_currencies[i - 1], money_currencies[i]) < 0);
	UNIT_TRUE(money_is_currency("EUR"));
	UNIT_FALSE(money_is_currency("AAA"));
	UNIT_FALSE(money_is_currency("XTS"));
	UNIT_FALSE(money_is_currency("XAU"));
	UNIT_TRUE(money_is_currency("KRW"));
	UNIT_FALSE(money_is_currency("KR"));
	UNIT_FALSE(money_is_currency("KRWX"));
	UNIT_FALSE(money_is_currency("krw"));
	UNIT_FALSE(money_is_currency("K1W"));
	UNIT_FALSE(money_is_currency(""));
}

static void
a_zone_has_one_name(void)
{
	static const struct {
		const char *name;
		bool is_taken;
	} rows[] = {
		{"Asia/Seoul", true},
		{"America/Argentina/Buenos_Aires", true},
		{"Europe/Stockholm", true},
		{"Europe/Kyiv", true},
		{"Etc/UTC", true},
		{"Etc/GMT+12", true},
		{"Asia/Somewhere_New", true}, /* the database knows */
		{"localtime", false},
		{"posixrules", false},
		{"posix/Asia/Seoul", false},
		{"right/Asia/Seoul", false},
		{"Factory", false},
		{"UTC", false},
		{"EST5EDT", false},
		{"US/Pacific", false},
		{"Etc/Zulu", false},
		{"Asia/Calcutta", false},
		{"Europe/Kiev", false},
		{"Asia", false},
		{"Asia/", false},
		{"/Seoul", false},
		{"Asi/Seoul", false},
		{"asia/seoul", false},
		{"", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit_row(rows[i].name);
		UNIT_I64(rows[i].is_taken, zone_is_name(rows[i].name));
	}
}

static void
an_address_is_in_a_network_or_not(void)
{
	static const struct {
		const char *address, *networks;
		bool is_in;
	} rows[] = {
		{"192.0.2.7", "192.0.2.0/24", true},
		{"192.0.3.7", "192.0.2.0/24", false},
		{"192.0.3.7", "192.0.2.0/23", true},
		{"192.0.2.7", "10.0.0.0/8  192.0.2.7", true},
		{"192.0.2.8", "10.0.0.0/8 192.0.2.7/32", false},
		{"::ffff:192.0.2.7", "192.0.2.0/24", true},
		{"192.0.2.7", "0.0.0.0/0", true},
		{"2001:db8::1", "0.0.0.0/0", false},
		{"2001:db8::1", "2001:db8::/32", true},
		{"2001:db9::1", "2001:db8::/32", false},
		{"2001:db8::1", "2001:db8::1", true},
		{"2001:db8::2", "2001:db8::1", false},
		{"192.0.2.7", "", false},
		{"unix:", "0.0.0.0/0 ::/0", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unit_row(rows[i].networks);
		UNIT_I64(rows[i].is_in, address_is_in(rows[i].address, rows[i].networks));
	}
}

static void
a_network_that_is_none_is_found(void)
{
	static const struct {
		const char *networks, *wrong;
	} rows[] = {
		{"", NULL},
		{" 10.0.0.0/8 ::1 2001:db8::/128 0.0.0.0/0 ", NULL},
		{"10.0.0.0/33", "10.0.0.0/33"},
		{"::1 10.0.0.0/ ::2", "10.0.0.0/"},
		{"10.0.0.0/8x", "10.0.0.0/8x"},
		{"10.0.0.0/-1", "10.0.0.0/-1"},
		{"2001:db8::/129", "2001:db8::/129"},
		{"till", "till"},
		{"10.0.0.0/8,::1", "10.0.0.0/8,::1"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t len = 0;
		const char *wrong = address_no_network(rows[i].networks, &len);

		unit_row(rows[i].networks);
		UNIT_I64(rows[i].wrong != NULL, wrong != NULL);
		if (rows[i].wrong != NULL && wrong != NULL)
			UNIT_I64(0, strncmp(rows[i].wrong, wrong, len));
	}
}

const struct unit_case money_cases[] = {
	{"an address is in a network, or not", an_address_is_in_a_network_or_not},
	{"a network that is none is found", a_network_that_is_none_is_found},
	{"a currency is of ISO 4217", a_currency_is_of_iso_4217},
	{"a time zone has one name", a_zone_has_one_name},
	{NULL, NULL},
};

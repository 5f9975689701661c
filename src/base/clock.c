/*
 * Calendar arithmetic is done here and not by the C library, because it must not depend on TZ or
 * locale. Days are counted in years that begin in March, so that the leap day is the last day of a
 * year.
 */
#include <config.h>

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define DAY_S INT64_C(86400)
#define DAYS_PER_ERA 146097           /* of 400 years */
#define DAYS_TO_1970 719468           /* from 0000-03-01 */
#define FIRST_S INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define LAST_S INT64_C(253402300799)  /* 9999-12-31T23:59:59Z */

struct date {
	int year;
	int month;
	int day;
};

static int64_t
read_clock_us(clockid_t id)
{
	struct timespec now;
	int rc = clock_gettime(id, &now);

	assert(rc == 0);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_mono_us(void)
{
	return read_clock_us(CLOCK_BOOTTIME);
}

int64_t
clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

void
clock_pause_ms(int64_t ms)
{
	struct timespec rest = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
		;
}

int64_t
clock_wall_us(void)
{
	return read_clock_us(CLOCK_REALTIME);
}

static int64_t
days_from_date(const struct date *date)
{
	int64_t year = date->year - (date->month <= 2);
	int64_t era = year / 400; /* years are positive here */
	int64_t year_of_era = year - era * 400;
	int64_t month = date->month > 2 ? date->month - 3 : date->month + 9;
	int64_t day_of_year = (153 * month + 2) / 5 + date->day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

static struct date
date_from_days(int64_t days)
{
	int64_t since = days + DAYS_TO_1970;
	int64_t era = since / DAYS_PER_ERA;
	int64_t day_of_era = since - era * DAYS_PER_ERA;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	struct date date;

	date.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	date.month = (int)(month < 10 ? month + 3 : month - 9);
	date.year = (int)(year_of_era + era * 400 + (date.month <= 2));
	return date;
}

void
clock_format(int64_t unix_s, char text_r[CLOCK_RFC3339_SIZE])
{
	int64_t days = (unix_s - FIRST_S) / DAY_S + FIRST_S / DAY_S;
	int second = (int)(unix_s - days * DAY_S);
	struct date date = date_from_days(days);

	assert(unix_s >= FIRST_S && unix_s <= LAST_S);
	/* The remainders change no value. They show the compiler that the text fits. */
	snprintf(text_r, CLOCK_RFC3339_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		 (unsigned)date.year % 10000, (unsigned)date.month % 100, (unsigned)date.day % 100,
		 (unsigned)second / 3600 % 100, (unsigned)second / 60 % 60, (unsigned)second % 60);
}

/* Reads `count` digits at `text`, with a value of at most `max`. Returns -1 when they are not such
 * digits. */
static int
parse_digits(const char *text, size_t count, int max)
{
	int number = 0;

	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number <= max ? number : -1;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap);
}

/* Reads the ten characters of an existing day. */
static bool
parse_day(const char *text, int64_t *days_r)
{
	struct date date = {
		.year = parse_digits(text, 4, 9999),
		.month = parse_digits(text + 5, 2, 12),
		.day = parse_digits(text + 8, 2, 31),
	};

	if (text[4] != '-' || text[7] != '-')
		return false;
	if (date.year < 1 || date.month < 1 || date.day < 1)
		return false;
	if (date.day > days_in_month(date.year, date.month))
		return false;
	*days_r = days_from_date(&date);
	return true;
}

/* "Z" or "+09:00" up to the end of the text. */
static bool
parse_offset(const char *text, size_t len, int *seconds_r)
{
	int hours, minutes;

	if (len == 1 && (text[0] == 'Z' || text[0] == 'z')) {
		*seconds_r = 0;
		return true;
	}
	if (len != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
		return false;
	hours = parse_digits(text + 1, 2, 23);
	minutes = parse_digits(text + 4, 2, 59);
	if (hours < 0 || minutes < 0)
		return false;
	*seconds_r = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
	return true;
}

bool
clock_parse(const char *text, size_t len, int64_t *unix_s_r)
{
	size_t pos = 19; /* after the seconds */
	int hour, minute, second, offset;
	int64_t days, unix_s;

	if (len < 20 || !parse_day(text, &days))
		return false;
	if ((text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
		return false;
	hour = parse_digits(text + 11, 2, 23);
	minute = parse_digits(text + 14, 2, 59);
	second = parse_digits(text + 17, 2, 59);
	if (hour < 0 || minute < 0 || second < 0)
		return false;
	if (text[pos] == '.') {
		size_t first = ++pos;

		while (pos < len && text[pos] >= '0' && text[pos] <= '9')
			pos++;
		if (pos == first)
			return false;
	}
	if (!parse_offset(text + pos, len - pos, &offset))
		return false;
	unix_s = days * DAY_S + hour * 3600 + minute * 60 + second - offset;
	if (unix_s < FIRST_S || unix_s > LAST_S)
		return false;
	*unix_s_r = unix_s;
	return true;
}

bool
clock_parse_date(const char *text, size_t len, int32_t *days_r)
{
	int64_t days;

	if (len != 10 || !parse_day(text, &days))
		return false;
	*days_r = (int32_t)days;
	return true;
}

#include <config.h>

#include "base/zone.h"

#include <stddef.h>
#include <string.h>

static const char *const areas[] = {
	"Africa",    "America", "Antarctica", "Arctic",  "Asia", "Atlantic",
	"Australia", "Europe",  "Indian",     "Pacific", "Etc",
};

/* Older and second names in these areas: those that the IANA database has outside its table of
 * zones by country (zone.tab). The list names what to refuse, so a new zone needs no change. */
static const char *const aliases[] = {
	"Africa/Asmera",
	"Africa/Timbuktu",
	"America/Argentina/ComodRivadavia",
	"America/Atka",
	"America/Buenos_Aires",
	"America/Catamarca",
	"America/Coral_Harbour",
	"America/Cordoba",
	"America/Ensenada",
	"America/Fort_Wayne",
	"America/Godthab",
	"America/Indianapolis",
	"America/Jujuy",
	"America/Knox_IN",
	"America/Louisville",
	"America/Mendoza",
	"America/Montreal",
	"America/Nipigon",
	"America/Pangnirtung",
	"America/Porto_Acre",
	"America/Rainy_River",
	"America/Rosario",
	"America/Santa_Isabel",
	"America/Shiprock",
	"America/Thunder_Bay",
	"America/Virgin",
	"America/Yellowknife",
	"Antarctica/South_Pole",
	"Asia/Ashkhabad",
	"Asia/Calcutta",
	"Asia/Choibalsan",
	"Asia/Chongqing",
	"Asia/Chungking",
	"Asia/Dacca",
	"Asia/Harbin",
	"Asia/Istanbul",
	"Asia/Kashgar",
	"Asia/Katmandu",
	"Asia/Macao",
	"Asia/Rangoon",
	"Asia/Saigon",
	"Asia/Tel_Aviv",
	"Asia/Thimbu",
	"Asia/Ujung_Pandang",
	"Asia/Ulan_Bator",
	"Atlantic/Faeroe",
	"Atlantic/Jan_Mayen",
	"Australia/ACT",
	"Australia/Canberra",
	"Australia/Currie",
	"Australia/LHI",
	"Australia/NSW",
	"Australia/North",
	"Australia/Queensland",
	"Australia/South",
	"Australia/Tasmania",
	"Australia/Victoria",
	"Australia/West",
	"Australia/Yancowinna",
	"Etc/GMT+0",
	"Etc/GMT-0",
	"Etc/GMT0",
	"Etc/Greenwich",
	"Etc/UCT",
	"Etc/Universal",
	"Etc/Zulu",
	"Europe/Belfast",
	"Europe/Kiev",
	"Europe/Nicosia",
	"Europe/Tiraspol",
	"Europe/Uzhgorod",
	"Europe/Zaporozhye",
	"Pacific/Enderbury",
	"Pacific/Johnston",
	"Pacific/Ponape",
	"Pacific/Samoa",
	"Pacific/Truk",
	"Pacific/Yap",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

bool
zone_is_name(const char *text)
{
	const char *slash = strchr(text, '/');
	size_t i = 0;

	if (slash == NULL || slash[1] == '\0')
		return false;
	while (i < COUNT(areas) && (strncmp(areas[i], text, (size_t)(slash - text)) != 0 ||
				    areas[i][slash - text] != '\0'))
		i++;
	if (i == COUNT(areas))
		return false;
	for (i = 0; i < COUNT(aliases); i++)
		if (strcmp(aliases[i], text) == 0)
			return false;
	return true;
}

/* schemas.json, embedded at build: one JSON object. */
#ifndef API_SCHEMAS_H
#define API_SCHEMAS_H

extern const char api_schemas[];

#endif

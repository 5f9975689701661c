struct json_reader {
	int depth;
};
enum kind { OS_DEBIAN, FCGI_OTHER };
#define CU_CASES 1
typedef struct thing thing;
int
json_read(struct json_reader *reader);
static int curl_count;
extern const char *const PQnames[];

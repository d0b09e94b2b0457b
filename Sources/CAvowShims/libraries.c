#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CAvowShims.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// curl's and zlib's numbers are part of their ABIs, promised not to change, so no header of theirs is
// needed to build this.

enum {
  OPT_WRITEDATA = 10001, OPT_URL = 10002, OPT_POSTFIELDS = 10015, OPT_HTTPHEADER = 10023,
  OPT_WRITEFUNCTION = 20011, OPT_HEADERFUNCTION = 20079, OPT_HEADERDATA = 10029,
  OPT_POSTFIELDSIZE = 60, OPT_NOSIGNAL = 99, OPT_TIMEOUT_MS = 155, OPT_CONNECTTIMEOUT_MS = 156,
  OPT_PROTOCOLS = 181, OPT_FOLLOWLOCATION = 52, OPT_CAINFO = 10065, OPT_QUICK_EXIT = 322,
  INFO_RESPONSE_CODE = 0x200002, PROTO_HTTP_HTTPS = 3
};
static const size_t answer_limit = 64 * 1024;

static struct {
  int (*global_init)(long);
  void *(*easy_init)(void);
  int (*setopt)(void *, int, ...);
  int (*perform)(void *);
  int (*getinfo)(void *, int, ...);
  void (*cleanup)(void *);
  void *(*append)(void *, const char *);
  void (*free_all)(void *);
  bool is_there;
} curl;

static void *first_of(const char *const *names) {
  for (; *names; names++) {
    void *library = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
    if (library) return library;
  }
  return NULL;
}

static void load_curl(void) {
  static const char *const names[] = {
    "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib", NULL};
  void *library = first_of(names);
  if (!library) return;
  *(void **)&curl.global_init = dlsym(library, "curl_global_init");
  *(void **)&curl.easy_init = dlsym(library, "curl_easy_init");
  *(void **)&curl.setopt = dlsym(library, "curl_easy_setopt");
  *(void **)&curl.perform = dlsym(library, "curl_easy_perform");
  *(void **)&curl.getinfo = dlsym(library, "curl_easy_getinfo");
  *(void **)&curl.cleanup = dlsym(library, "curl_easy_cleanup");
  *(void **)&curl.append = dlsym(library, "curl_slist_append");
  *(void **)&curl.free_all = dlsym(library, "curl_slist_free_all");
  curl.is_there = curl.global_init && curl.easy_init && curl.setopt && curl.perform && curl.getinfo
    && curl.cleanup && curl.append && curl.free_all && curl.global_init(3) == 0;
}

bool avow_curl_available(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_curl);
  return curl.is_there;
}

static size_t take_body(const char *bytes, size_t size, size_t count, void *context) {
  avow_answer *answer = context;
  size_t added = size * count;
  // Taking less than was given ends the transfer.
  if (answer->length + added > answer_limit) added = answer_limit - answer->length;
  if (added == 0) return 0;
  uint8_t *grown = realloc(answer->body, answer->length + added);
  if (!grown) return 0;
  memcpy(grown + answer->length, bytes, added);
  answer->body = grown;
  answer->length += added;
  return added;
}

static void take_value(const char *bytes, size_t length, const char *name, char value[64]) {
  size_t prefix = strlen(name);
  if (length <= prefix || strncasecmp(bytes, name, prefix) != 0) return;
  size_t count = length - prefix < 63 ? length - prefix : 63;
  memcpy(value, bytes + prefix, count);
  value[count] = 0;
}

static size_t take_header(const char *bytes, size_t size, size_t count, void *context) {
  avow_answer *answer = context;
  take_value(bytes, size * count, "retry-after:", answer->retry_after);
  take_value(bytes, size * count, "date:", answer->date);
  return size * count;
}

void avow_curl_post(const char *url, const char *const *headers, size_t header_count, const uint8_t *body,
                    size_t length, int64_t timeout_ms, avow_answer *answer) {
  memset(answer, 0, sizeof *answer);
  answer->failure = -1;
  if (!avow_curl_available()) return;
  void *handle = curl.easy_init();
  if (!handle) return;
  void *list = NULL;
  for (size_t i = 0; i < header_count; i++) {
    void *longer = curl.append(list, headers[i]);
    if (longer) list = longer;
  }
  long connect_ms = timeout_ms < 10000 ? (long)timeout_ms : 10000;
  curl.setopt(handle, OPT_URL, url);
  curl.setopt(handle, OPT_NOSIGNAL, 1L);
  curl.setopt(handle, OPT_PROTOCOLS, (long)PROTO_HTTP_HTTPS);
  curl.setopt(handle, OPT_FOLLOWLOCATION, 0L);
  curl.setopt(handle, OPT_CONNECTTIMEOUT_MS, connect_ms);
  curl.setopt(handle, OPT_TIMEOUT_MS, (long)timeout_ms);
  curl.setopt(handle, OPT_HTTPHEADER, list);
  curl.setopt(handle, OPT_POSTFIELDS, body);
  curl.setopt(handle, OPT_POSTFIELDSIZE, (long)length);
  curl.setopt(handle, OPT_WRITEFUNCTION, take_body);
  curl.setopt(handle, OPT_WRITEDATA, answer);
  curl.setopt(handle, OPT_HEADERFUNCTION, take_header);
  curl.setopt(handle, OPT_HEADERDATA, answer);
  // A resolver that never answers has a thread of curl's; waiting for that would outlast the time-out.
  curl.setopt(handle, OPT_QUICK_EXIT, 1L);
  // The usual word for other certificates than the system's; curl's library does not look for it itself.
  const char *authorities = avow_secure_environment("SSL_CERT_FILE");
  if (authorities && *authorities) curl.setopt(handle, OPT_CAINFO, authorities);
  answer->failure = curl.perform(handle);
  long status = 0;
  if (answer->failure == 0) curl.getinfo(handle, INFO_RESPONSE_CODE, &status);
  answer->status = (int)status;
  curl.cleanup(handle);
  curl.free_all(list);
}

void avow_answer_free(avow_answer *answer) {
  free(answer->body);
  answer->body = NULL;
}

typedef struct {
  const uint8_t *next_in;
  unsigned avail_in;
  unsigned long total_in;
  uint8_t *next_out;
  unsigned avail_out;
  unsigned long total_out;
  const char *msg;
  void *state;
  void *zalloc, *zfree, *opaque;
  int data_type;
  unsigned long adler, reserved;
} z_stream_;

static struct {
  int (*init)(z_stream_ *, int, int, int, int, int, const char *, int);
  int (*deflate)(z_stream_ *, int);
  int (*end)(z_stream_ *);
} zlib;

static void load_zlib(void) {
  static const char *const names[] = {"libz.so.1", "libz.1.dylib", NULL};
  void *library = first_of(names);
  if (!library) return;
  *(void **)&zlib.init = dlsym(library, "deflateInit2_");
  *(void **)&zlib.deflate = dlsym(library, "deflate");
  *(void **)&zlib.end = dlsym(library, "deflateEnd");
}

size_t avow_gzip(const uint8_t *input, size_t length, uint8_t *output, size_t capacity) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_zlib);
  if (!zlib.init || !zlib.deflate || !zlib.end) return 0;
  z_stream_ stream;
  memset(&stream, 0, sizeof stream);
  enum { DEFLATED = 8, WINDOW_GZIP = 15 + 16, FINISH = 4, STREAM_END = 1 };
  if (zlib.init(&stream, 6, DEFLATED, WINDOW_GZIP, 8, 0, "1.2.11", (int)sizeof stream) != 0) return 0;
  stream.next_in = input;
  stream.avail_in = (unsigned)length;
  stream.next_out = output;
  stream.avail_out = (unsigned)capacity;
  int result = zlib.deflate(&stream, FINISH);
  size_t written = capacity - stream.avail_out;
  zlib.end(&stream);
  return result == STREAM_END ? written : 0;
}

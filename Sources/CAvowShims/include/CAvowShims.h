// What Swift cannot say without Foundation: variadic calls, libraries found at run time, locks that
// survive fork, atomics on mapped memory. Nothing here knows what telemetry is.
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#pragma clang assume_nonnull begin

// MARK: Atomics on mapped memory. Swift's Atomic owns its storage; these words belong to a file.

static inline uint64_t avow_load_acquire(const void *word) {
  return __atomic_load_n((const uint64_t *)word, __ATOMIC_ACQUIRE);
}
static inline void avow_store_release(void *word, uint64_t value) {
  __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE);
}
static inline uint64_t avow_fetch_add(void *word, uint64_t value) {
  return __atomic_fetch_add((uint64_t *)word, value, __ATOMIC_ACQUIRE);
}

// MARK: Files and memory. Descriptors are close-on-exec and links are not followed.

/// The last call's error and whether a mode is a file's: through Swift each links a module of the platform's.
static inline int avow_error(void) { return errno; }
static inline bool avow_is_file(uint32_t mode) { return S_ISREG(mode); }

int avow_open_directory(int parent, const char *path);
/// Calls `body` with each name in a folder that does not begin with a point.
void avow_for_each_name(int directory, void *context, void (*body)(void *context, const char *name));
int avow_open_file(int directory, const char *name, bool writable, bool create);
/// Opens a file wherever it is, links followed; for what the system's administrator owns.
int avow_open_readable(const char *path);
/// Gives the file real blocks, so that a full disk is an error here and not SIGBUS at a store.
bool avow_allocate(int file, size_t length);
/// Maps a file (or anonymous memory when `file` < 0), shared and writable; NULL when that fails.
void *_Nullable avow_map(int file, size_t length);
void avow_unmap(void *memory, size_t length);
/// Faults pages in for writing before anybody waits for them.
void avow_prefault(void *memory, size_t length);
bool avow_lock_file(int file);
void avow_random(void *bytes, size_t count);

// MARK: Environment

const char *_Nullable avow_environment(const char *name);
/// As above, but nothing in a set-uid process: for what decides where files go.
const char *_Nullable avow_secure_environment(const char *name);
/// The processor's own name where the instruction set tells it; empty otherwise.
void avow_processor_name(char *text, size_t capacity);
int avow_usable_cores(void);
uint64_t avow_physical_memory(void);
bool avow_is_terminal(int file);

/// Whether a question on the terminal would be seen and could be answered.
bool avow_can_ask(void);
/// Writes to standard error if that can be done at once; never waits, never raises SIGPIPE.
void avow_print_error(const uint8_t *_Nullable bytes, size_t count);
/// Writes to standard output, all of it.
void avow_print_output(const uint8_t *_Nullable bytes, size_t count);

// MARK: A child that sends

/// Whether the process runs with rights its user does not have.
bool avow_is_privileged(void);
/// Starts a program in a session of its own, without arguments, standard files on /dev/null, with one more
/// variable `NAME=VALUE`: the helper, whose path is absolute or seen from this program's folder, or without
/// one this program again. Returns whether it could be started, without waiting for it.
bool avow_spawn_sender(const char *_Nullable helper, const char *variable);
/// In that child: closes what it inherited, leaves the folder it was started in where that may be, and
/// bounds its life.
void avow_detach(bool leaves_folder);
bool avow_leads_session(void);
void avow_sleep(int64_t milliseconds);
/// Ends the process at once: none of the host's exit handlers is this process's to run.
_Noreturn void avow_leave(void);

// MARK: Clocks, milliseconds

int64_t avow_clock_coarse(void);
int64_t avow_clock_wall(void);
int64_t avow_clock_monotonic(void);
/// Of the same clock, in nanoseconds.
int64_t avow_clock_nanoseconds(void);

// MARK: Threads

/// A mutex and a condition. pthread's and not Swift's, because a fork handler must be able to take it in
/// the parent and release it in the child.
typedef struct avow_monitor avow_monitor;
avow_monitor *avow_monitor_create(void);
void avow_monitor_destroy(avow_monitor *monitor);
void avow_monitor_lock(avow_monitor *monitor);
void avow_monitor_unlock(avow_monitor *monitor);
/// Waits, the lock held, at most this long.
void avow_monitor_wait(avow_monitor *monitor, int64_t milliseconds);
void avow_monitor_wake(avow_monitor *monitor);

/// Starts a detached thread that takes no signals of the host's.
bool avow_thread_start(void (*body)(void *), void *context);
bool avow_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void));

// MARK: Libraries found at run time

typedef struct {
  int status;          // of HTTP; 0 when there was no answer
  int failure;         // 0, or curl's code; -1 when the library is not there
  char retry_after[64]; // the header's value, empty when not said
  char date[64];
  uint8_t *_Nullable body;
  size_t length;
} avow_answer;

bool avow_curl_available(void);
/// POSTs through libcurl: proxies by variables, the system's certificates or those of SSL_CERT_FILE, no
/// redirect followed, at most 64 KiB of an answer.
void avow_curl_post(const char *url, const char *_Nullable const *_Nonnull headers, size_t header_count,
                    const uint8_t *body, size_t length, int64_t timeout_ms, avow_answer *answer);
void avow_answer_free(avow_answer *answer);

/// Compresses to gzip; returns the length, 0 when zlib is not there or the room is too small.
size_t avow_gzip(const uint8_t *input, size_t length, uint8_t *output, size_t capacity);

// MARK: Sockets

/// Connects a stream socket to a loopback port (family 4 or 6) or to a unix socket; -1 when that fails.
int avow_connect_loopback(int family, uint16_t port, int64_t timeout_ms);
int avow_connect_unix(const char *path, int64_t timeout_ms);
/// Writes all or fails; never raises SIGPIPE.
bool avow_send_all(int socket, const uint8_t *bytes, size_t count, int64_t deadline);
/// Reads some bytes; 0 at the end, -1 on failure or past the deadline (monotonic milliseconds).
int64_t avow_receive(int socket, uint8_t *bytes, size_t capacity, int64_t deadline);

#pragma clang assume_nonnull end

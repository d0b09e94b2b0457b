#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CAvowShims.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#include <sys/random.h>
#else
#include <sys/sysctl.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#endif

int avow_open_directory(int parent, const char *path) {
  return openat(parent < 0 ? AT_FDCWD : parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int avow_open_file(int directory, const char *name, bool writable, bool create) {
  int flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (writable ? O_RDWR : O_RDONLY);
  if (create) flags |= O_CREAT | O_EXCL;
  return openat(directory, name, flags, 0600);
}

// By the system call where there is one: the library's stream takes five more and 32 kB, which a program's start
// would pay for.
void avow_for_each_name(int directory, void *context, void (*body)(void *context, const char *name)) {
  int copy = avow_open_directory(directory, ".");
  if (copy < 0) return;
#if defined(__linux__)
  // struct linux_dirent64: inode, offset, length, type, name.
  _Alignas(8) char entries[4096];
  long length;
  while ((length = syscall(SYS_getdents64, copy, entries, sizeof entries)) > 0) {
    for (long place = 0; place < length;) {
      uint16_t size;
      memcpy(&size, entries + place + 16, sizeof size);
      const char *name = entries + place + 19;
      if (name[0] != '.') body(context, name);
      place += size;
    }
  }
  close(copy);
#else
  DIR *stream = fdopendir(copy);
  if (!stream) {
    close(copy);
    return;
  }
  struct dirent *entry;
  while ((entry = readdir(stream)))
    if (entry->d_name[0] != '.') body(context, entry->d_name);
  closedir(stream);
#endif
}

int avow_open_readable(const char *path) { return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); }

bool avow_allocate(int file, size_t length) {
#if defined(__APPLE__)
  fstore_t store = {F_ALLOCATEALL, F_PEOFPOSMODE, 0, (off_t)length, 0};
  if (fcntl(file, F_PREALLOCATE, &store) == -1) return false;
  return ftruncate(file, (off_t)length) == 0;
#else
  return posix_fallocate(file, 0, (off_t)length) == 0;
#endif
}

void *avow_map(int file, size_t length) {
  int flags = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, file, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

void avow_unmap(void *memory, size_t length) { munmap(memory, length); }

void avow_prefault(void *memory, size_t length) {
#if defined(__linux__)
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
  if (madvise(memory, length, MADV_POPULATE_WRITE) == 0) return;
#endif
  // Kernels before 5.14: adding nothing to a word faults its page without touching what others write.
  for (size_t offset = 0; offset + 8 <= length; offset += 4096)
    __atomic_fetch_add((uint64_t *)((uint8_t *)memory + offset), 0, __ATOMIC_RELAXED);
}

bool avow_lock_file(int file) { return flock(file, LOCK_EX | LOCK_NB) == 0; }

void avow_random(void *bytes, size_t count) {
#if defined(__linux__)
  uint8_t *next = bytes;
  while (count > 0) {
    ssize_t got = getrandom(next, count, 0);
    if (got > 0) {
      next += got;
      count -= (size_t)got;
    } else if (errno != EINTR) {
      break;
    }
  }
  if (count == 0) return;
  // A kernel without getrandom: time and address are no secret, but nothing else is left to draw from.
  for (size_t i = 0; i < count; i++) next[i] = (uint8_t)(avow_clock_monotonic() * 31 + (intptr_t)next + i * 17);
#else
  arc4random_buf(bytes, count);
#endif
}

const char *avow_environment(const char *name) { return getenv(name); }

const char *avow_secure_environment(const char *name) {
#if defined(__GLIBC__) || defined(__linux__)
  return secure_getenv(name);
#else
  return issetugid() ? NULL : getenv(name);
#endif
}

void avow_processor_name(char *text, size_t capacity) {
  text[0] = 0;
#if defined(__APPLE__)
  size_t length = capacity;
  if (sysctlbyname("machdep.cpu.brand_string", text, &length, NULL, 0) != 0) text[0] = 0;
#elif defined(__x86_64__)
  unsigned words[12];
  unsigned a, b, c, d;
  if (capacity < 49 || !__get_cpuid(0x80000000u, &a, &b, &c, &d) || a < 0x80000004u) return;
  for (unsigned leaf = 0; leaf < 3; leaf++)
    __get_cpuid(0x80000002u + leaf, &words[leaf * 4], &words[leaf * 4 + 1], &words[leaf * 4 + 2],
                &words[leaf * 4 + 3]);
  memcpy(text, words, 48);
  text[48] = 0;
#else
  (void)capacity;
#endif
}

int avow_usable_cores(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

uint64_t avow_physical_memory(void) {
#if defined(__APPLE__)
  uint64_t bytes = 0;
  size_t length = sizeof bytes;
  return sysctlbyname("hw.memsize", &bytes, &length, NULL, 0) == 0 ? bytes : 0;
#else
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
#endif
}

bool avow_is_terminal(int file) { return isatty(file) == 1; }

static int64_t milliseconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

#if defined(__linux__)
int64_t avow_clock_coarse(void) { return milliseconds(CLOCK_REALTIME_COARSE); }
#else
int64_t avow_clock_coarse(void) { return milliseconds(CLOCK_REALTIME); }
#endif
int64_t avow_clock_wall(void) { return milliseconds(CLOCK_REALTIME); }
int64_t avow_clock_monotonic(void) { return milliseconds(CLOCK_MONOTONIC); }

int64_t avow_clock_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

struct avow_monitor {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
};

avow_monitor *avow_monitor_create(void) {
  avow_monitor *monitor = malloc(sizeof *monitor);
  pthread_mutex_init(&monitor->mutex, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
#if defined(__linux__)
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
  pthread_cond_init(&monitor->condition, &attributes);
  pthread_condattr_destroy(&attributes);
  return monitor;
}

void avow_monitor_destroy(avow_monitor *monitor) {
  pthread_cond_destroy(&monitor->condition);
  pthread_mutex_destroy(&monitor->mutex);
  free(monitor);
}

void avow_monitor_lock(avow_monitor *monitor) { pthread_mutex_lock(&monitor->mutex); }
void avow_monitor_unlock(avow_monitor *monitor) { pthread_mutex_unlock(&monitor->mutex); }

void avow_monitor_wait(avow_monitor *monitor, int64_t duration) {
  if (duration <= 0) return;
#if defined(__APPLE__)
  struct timespec span = {duration / 1000, (duration % 1000) * 1000000};
  pthread_cond_timedwait_relative_np(&monitor->condition, &monitor->mutex, &span);
#else
  int64_t until = avow_clock_monotonic() + duration;
  struct timespec time = {until / 1000, (until % 1000) * 1000000};
  pthread_cond_timedwait(&monitor->condition, &monitor->mutex, &time);
#endif
}

void avow_monitor_wake(avow_monitor *monitor) { pthread_cond_broadcast(&monitor->condition); }

struct start {
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
#if defined(__linux__)
  pthread_setname_np(pthread_self(), "avow");
#endif
  start.body(start.context);
  return NULL;
}

bool avow_thread_start(void (*body)(void *), void *context) {
  struct start *start = malloc(sizeof *start);
  if (start == NULL) return false;
  start->body = body;
  start->context = context;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 512 * 1024);
  // The host's signals are the host's: the thread inherits a full mask.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int failure = pthread_create(&thread, &attributes, run, start);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (failure != 0) free(start);
  return failure == 0;
}

bool avow_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
  return pthread_atfork(prepare, parent, child) == 0;
}

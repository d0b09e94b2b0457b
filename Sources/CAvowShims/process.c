#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CAvowShims.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/auxv.h>
#include <sys/syscall.h>
#else
#include <mach-o/dyld.h>
#endif

extern char **environ;

bool avow_can_ask(void) {
  // A program in the background would be stopped by asking.
  return isatty(0) == 1 && isatty(2) == 1 && tcgetpgrp(0) == getpgrp();
}

void avow_print_error(const uint8_t *bytes, size_t count) {
  struct pollfd wait = {2, POLLOUT, 0};
  if (count == 0 || poll(&wait, 1, 0) != 1 || !(wait.revents & POLLOUT)) return;
  // A reader that has gone must not end the program: the signal is held back and taken away.
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  bool was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  ssize_t written = write(2, bytes, count);
  if (written < 0 && errno == EPIPE && !was_pending) {
#if defined(__linux__)
    struct timespec now = {0, 0};
    sigtimedwait(&pipe_signal, NULL, &now);
#else
    int taken;
    sigpending(&pending);
    if (sigismember(&pending, SIGPIPE)) sigwait(&pipe_signal, &taken);
#endif
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void avow_print_output(const uint8_t *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(1, bytes, count);
    if (written < 0 && errno != EINTR) return;
    if (written > 0) {
      bytes += written;
      count -= (size_t)written;
    }
  }
}

bool avow_is_privileged(void) {
#if defined(__linux__)
  return getauxval(AT_SECURE) != 0;
#else
  return issetugid() != 0;
#endif
}

static bool own_path(char *path, size_t capacity) {
#if defined(__linux__)
  ssize_t length = readlink("/proc/self/exe", path, capacity - 1);
  if (length <= 0 || path[0] != '/') return false;
  path[length] = 0;
  // A program that was replaced while it ran: the file of that name is another program now, or none.
  return strstr(path, " (deleted)") == NULL;
#else
  uint32_t size = (uint32_t)capacity;
  return _NSGetExecutablePath(path, &size) == 0;
#endif
}

bool avow_spawn_sender(const char *helper, const char *variable) {
  char path[4096];
  if (helper && helper[0] == '/') {
    if (strlen(helper) >= sizeof path) return false;
    strcpy(path, helper);
  } else if (!own_path(path, sizeof path)) {
    return false;
  } else if (helper) {
    // Beside the program itself: neither the search path nor the current folder is asked.
    char *name = strrchr(path, '/') + 1;
    if (strlen(helper) >= sizeof path - (size_t)(name - path)) return false;
    strcpy(name, helper);
  }
  size_t count = 0;
  while (environ[count]) count++;
  char **variables = calloc(count + 2, sizeof *variables);
  if (!variables) return false;
  memcpy(variables, environ, count * sizeof *variables);
  variables[count] = (char *)variable;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
#if defined(POSIX_SPAWN_SETSID)
  flags |= POSIX_SPAWN_SETSID;
#endif
  posix_spawnattr_setflags(&attributes, flags);
  // None of the user's arguments: they are his, and the child needs none.
  char *arguments[] = {path, NULL};
  pid_t child;
  int failure = posix_spawn(&child, path, &actions, &attributes, arguments, variables);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  free(variables);
  return failure == 0;
}

bool avow_leads_session(void) { return getsid(0) == getpid(); }

void avow_sleep(int64_t duration) {
  struct timespec time = {duration / 1000, (duration % 1000) * 1000000};
  nanosleep(&time, NULL);
}

void avow_leave(void) { _exit(0); }

void avow_detach(bool leaves_folder) {
  // The parent gave a session of its own where posix_spawn can; elsewhere it is made here.
  if (getsid(0) != getpid()) setsid();
#if defined(__linux__) && defined(SYS_close_range)
  if (syscall(SYS_close_range, 3u, ~0u, 0u) != 0)
#endif
    for (int file = 3; file < 1024; file++) close(file);
  if (leaves_folder && chdir("/") != 0) return;
  // Whatever hangs, hangs no longer than this.
  alarm(120);
}

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CAvowShims.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int stream(int domain) {
  int type = SOCK_STREAM;
#if defined(__linux__)
  type |= SOCK_CLOEXEC | SOCK_NONBLOCK;
#endif
  int socket_ = socket(domain, type, 0);
#if defined(__APPLE__)
  if (socket_ >= 0) {
    int on = 1;
    fcntl(socket_, F_SETFD, FD_CLOEXEC);
    fcntl(socket_, F_SETFL, O_NONBLOCK);
    setsockopt(socket_, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
  }
#endif
  return socket_;
}

static bool ready(int socket_, short events, int64_t deadline) {
  for (;;) {
    int64_t left = deadline - avow_clock_monotonic();
    if (left <= 0) return false;
    struct pollfd wait = {socket_, events, 0};
    int count = poll(&wait, 1, left > 60000 ? 60000 : (int)left);
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return false;
  }
}

static int connected(int socket_, const struct sockaddr *address, socklen_t length, int64_t timeout_ms) {
  if (socket_ < 0) return -1;
  if (connect(socket_, address, length) == 0) return socket_;
  if (errno == EINPROGRESS && ready(socket_, POLLOUT, avow_clock_monotonic() + timeout_ms)) {
    int failure = 0;
    socklen_t size = sizeof failure;
    if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0) return socket_;
  }
  close(socket_);
  return -1;
}

int avow_connect_loopback(int family, uint16_t port, int64_t timeout_ms) {
  if (family == 6) {
    struct sockaddr_in6 address;
    memset(&address, 0, sizeof address);
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    return connected(stream(AF_INET6), (struct sockaddr *)&address, sizeof address, timeout_ms);
  }
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connected(stream(AF_INET), (struct sockaddr *)&address, sizeof address, timeout_ms);
}

int avow_connect_unix(const char *path, int64_t timeout_ms) {
  struct sockaddr_un address;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  return connected(stream(AF_UNIX), (struct sockaddr *)&address, sizeof address, timeout_ms);
}

#if defined(__APPLE__)
#define MSG_NOSIGNAL 0
#endif

bool avow_send_all(int socket_, const uint8_t *bytes, size_t count, int64_t deadline) {
  while (count > 0) {
    ssize_t sent = send(socket_, bytes, count, MSG_NOSIGNAL);
    if (sent > 0) {
      bytes += sent;
      count -= (size_t)sent;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!ready(socket_, POLLOUT, deadline)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

int64_t avow_receive(int socket_, uint8_t *bytes, size_t capacity, int64_t deadline) {
  for (;;) {
    if (!ready(socket_, POLLIN, deadline)) return -1;
    ssize_t got = recv(socket_, bytes, capacity, 0);
    if (got >= 0) return got;
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) return -1;
  }
}

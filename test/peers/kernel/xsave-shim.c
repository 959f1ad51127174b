/*
 * User-mode Linux 6.1 on a processor whose XSAVE area is larger than it knows (AVX-512, AMX).
 *
 * PTRACE_SETREGSET of NT_X86_XSTATE then fails with EFAULT, since the host wants the whole area and
 * UML passes a shorter one; its init panics. Loaded by LD_PRELOAD, this ptrace passes whole areas to
 * the host: the head is UML's, the tail is what the host gave for the same buffer before.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NT_XSTATE = 0x202, AREA = 16384, BUFFERS = 8192, TAILS = 64 << 20 };

static unsigned char area[AREA];
static unsigned char tails[TAILS];
static size_t tails_used;
static struct {
  const void *buffer;
  unsigned char *tail;
} known[BUFFERS];

static long host_ptrace(long request, long pid, void *address, void *data) {
  return syscall(SYS_ptrace, request, pid, address, data);
}

/* The tail that belongs to one of UML's buffers; NULL where it has none and none may be made. */
static unsigned char *tail_of(const void *buffer, size_t size) {
  size_t hash = ((uintptr_t)buffer >> 6) * 2654435761u % BUFFERS;
  for (size_t i = 0; i < BUFFERS; i++) {
    size_t at = (hash + i) % BUFFERS;
    if (known[at].buffer == buffer) return known[at].tail;
    if (known[at].buffer != NULL) continue;
    if (size == 0 || tails_used + size > TAILS) return NULL;
    known[at].buffer = buffer;
    known[at].tail = tails + tails_used;
    tails_used += size;
    return known[at].tail;
  }
  return NULL;
}

static long registers(long request, long pid, void *address, struct iovec *asked) {
  struct iovec whole = {area, AREA};
  long result = host_ptrace(PTRACE_GETREGSET, pid, address, &whole);
  if (result < 0) return result;
  size_t size = whole.iov_len;
  size_t head = asked->iov_len < size ? asked->iov_len : size;
  if (request == PTRACE_GETREGSET) {
    memcpy(asked->iov_base, area, head);
    asked->iov_len = head;
    unsigned char *tail = size > head ? tail_of(asked->iov_base, AREA - head) : NULL;
    if (tail != NULL) memcpy(tail, area + head, size - head);
    return 0;
  }
  memcpy(area, asked->iov_base, head);
  if (size > head) {
    const unsigned char *tail = tail_of(asked->iov_base, 0);
    if (tail != NULL) memcpy(area + head, tail, size - head);
    else memset(area + head, 0, size - head);
  }
  whole.iov_len = size;
  return host_ptrace(request, pid, address, &whole);
}

long ptrace(enum __ptrace_request request, ...) {
  va_list arguments;
  va_start(arguments, request);
  long pid = va_arg(arguments, int);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);
  if ((request == PTRACE_SETREGSET || request == PTRACE_GETREGSET) && (long)address == NT_XSTATE) {
    return registers(request, pid, address, data);
  }
  if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
    long value;
    if (host_ptrace(request, pid, address, &value) < 0) return -1;
    errno = 0;
    return value;
  }
  return host_ptrace(request, pid, address, data);
}

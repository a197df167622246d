// Between the model and the files of its endpoints.

#define _GNU_SOURCE
#include "gadget.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PACKET = 512 };

// MARK: Waiting

static void until(int64_t at, struct timespec *time) {
  time->tv_sec = at / 1000;
  time->tv_nsec = at % 1000 * 1000000;
}

void gadget_wait(struct gadget *gadget) {
  const int64_t at = usbtmc_wakes_at(gadget->model);
  if (at < 0) {
    pthread_cond_wait(&gadget->changed, &gadget->lock);
  } else {
    struct timespec time;
    until(at, &time);
    pthread_cond_timedwait(&gadget->changed, &gadget->lock, &time);
  }
  usbtmc_set_time(gadget->model, milliseconds());
}

// Reads or writes without the lock. Negative where a signal ended it, or the
// host is not there: then waits until it may be worth another try.
static ssize_t call(
    struct gadget *gadget, enum endpoint endpoint, bool reads, uint8_t *bytes, size_t count) {
  gadget->is_in_call[endpoint] = true;
  pthread_mutex_unlock(&gadget->lock);
  const int file = gadget->files[endpoint];
  const ssize_t result = reads ? read(file, bytes, count) : write(file, bytes, count);
  const int error = errno;
  pthread_mutex_lock(&gadget->lock);
  gadget->is_in_call[endpoint] = false;
  gadget->calls[endpoint]++;
  pthread_cond_broadcast(&gadget->changed);
  usbtmc_set_time(gadget->model, milliseconds());
  if (result >= 0) return result;
  // The host may be back before ENABLE is read.
  if (error != EINTR) {
    pthread_mutex_unlock(&gadget->lock);
    usleep(1000);
    pthread_mutex_lock(&gadget->lock);
  }
  while (!gadget->is_enabled) pthread_cond_wait(&gadget->changed, &gadget->lock);
  return -1;
}

// Ends what a thread does. More than once, since it may be just about to begin.
static void interrupt(struct gadget *gadget, enum endpoint endpoint) {
  const unsigned calls = gadget->calls[endpoint];
  while (gadget->is_in_call[endpoint] && gadget->calls[endpoint] == calls) {
    pthread_kill(gadget->threads[endpoint], SIGUSR1);
    struct timespec time;
    until(milliseconds() + 5, &time);
    pthread_cond_timedwait(&gadget->changed, &gadget->lock, &time);
  }
}

// Bytes the wrong way mean to FunctionFS that the endpoint is to be halted.
static void halt(struct gadget *gadget, enum endpoint endpoint) {
  char none = 0;
  const int file = gadget->files[endpoint];
  const ssize_t ignored = endpoint == OUT ? write(file, &none, 0) : read(file, &none, 0);
  (void)ignored;
}

// MARK: Bulk-OUT

static void take(struct gadget *gadget, const uint8_t *bytes, size_t count) {
  // The host has cleared the halt: the controller would not have taken these.
  if (gadget->out_is_halted) {
    gadget->out_is_halted = false;
    usbtmc_clear_halt(gadget->model, USBTMC_BULK_OUT);
  }
  int result;
  while ((result = usbtmc_bulk_out(gadget->model, bytes, count)) == USBTMC_NAK) {
    gadget_wait(gadget);
    // What was not taken is not kept beyond a reset or a clear.
    if (!gadget->is_enabled || usbtmc_is_halted(gadget->model, USBTMC_BULK_OUT)) return;
  }
}

static void *run_out(void *context) {
  struct gadget *gadget = context;
  static uint8_t bytes[CHUNK];
  pthread_mutex_lock(&gadget->lock);
  while (true) {
    if (usbtmc_is_halted(gadget->model, USBTMC_BULK_OUT) && !gadget->out_is_halted) {
      halt(gadget, OUT);
      gadget->out_is_halted = true;
      pthread_cond_broadcast(&gadget->changed);
    }
    // No more packets than are known to come: what is asked for is waited for.
    size_t size = usbtmc_expects(gadget->model) / PACKET * PACKET;
    if (size < PACKET) size = PACKET;
    if (size > sizeof bytes) size = sizeof bytes;
    const ssize_t count = call(gadget, OUT, true, bytes, size);
    if (count >= 0) take(gadget, bytes, (size_t)count);
    pthread_cond_broadcast(&gadget->changed);
  }
}

// MARK: Bulk-IN and interrupt-IN

static void *run_in(void *context) {
  struct gadget *gadget = context;
  static uint8_t bytes[CHUNK];
  pthread_mutex_lock(&gadget->lock);
  while (true) {
    const int count = usbtmc_bulk_in(gadget->model, bytes, sizeof bytes);
    if (count == USBTMC_STALL) {
      halt(gadget, IN);
      // From here on it is the controller that knows.
      usbtmc_clear_halt(gadget->model, USBTMC_BULK_IN);
      usbtmc_counters(gadget->model)->halts_cleared--;
    } else if (count == USBTMC_NAK) {
      gadget_wait(gadget);
    } else if (call(gadget, IN, false, bytes, (size_t)count) == count) {
      usbtmc_sent(gadget->model);
    }
  }
}

static void *run_interrupt(void *context) {
  struct gadget *gadget = context;
  uint8_t bytes[2];
  pthread_mutex_lock(&gadget->lock);
  while (true) {
    const int count = usbtmc_interrupt_in(gadget->model, bytes, sizeof bytes);
    if (count < 0) {
      gadget_wait(gadget);
    } else {
      call(gadget, INTERRUPT, false, bytes, (size_t)count);
    }
  }
}

// MARK: All

void gadget_settle(struct gadget *gadget) {
  if (usbtmc_takes_back(gadget->model)) interrupt(gadget, IN);
  while (usbtmc_is_halted(gadget->model, USBTMC_BULK_OUT) && !gadget->out_is_halted) {
    interrupt(gadget, OUT);
    if (gadget->out_is_halted) break;
    struct timespec time;
    until(milliseconds() + 5, &time);
    pthread_cond_timedwait(&gadget->changed, &gadget->lock, &time);
  }
}

static void on_signal(int number) { (void)number; }

void gadget_start_endpoints(struct gadget *gadget) {
  // Without SA_RESTART: calls that wait end with EINTR.
  const struct sigaction action = { .sa_handler = on_signal };
  sigaction(SIGUSR1, &action, NULL);
  static void *(*const runs[ENDPOINTS])(void *) = {
    [OUT] = run_out, [IN] = run_in, [INTERRUPT] = run_interrupt,
  };
  for (int endpoint = 0; endpoint < ENDPOINTS; endpoint++) {
    pthread_create(&gadget->threads[endpoint], NULL, runs[endpoint], gadget);
  }
}

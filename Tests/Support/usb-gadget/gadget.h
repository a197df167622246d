// A USBTMC instrument as a gadget: FunctionFS on the USB device controller of a
// kernel, dummy_hcd in the tests.
//
// A thread each for the control endpoint, bulk-OUT, bulk-IN and interrupt-IN,
// since reading and writing their files waits for the host.

#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <usbtmc_device.h>

enum { CHUNK = 16384 };

enum endpoint { OUT, IN, INTERRUPT, ENDPOINTS };

struct gadget {
  struct usbtmc_device *model;
  // Guards what follows and the model; `changed` says that it has changed.
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int control, files[ENDPOINTS];
  pthread_t threads[ENDPOINTS];
  // Whether the thread is in a call, which only a signal can end, and how many
  // it has been in.
  bool is_in_call[ENDPOINTS];
  unsigned calls[ENDPOINTS];
  bool is_enabled;
  // The controller halts bulk-OUT; it also takes note when the host clears it.
  bool out_is_halted;
};

int64_t milliseconds(void);
_Noreturn void fail(const char *what);

// setup.c: makes the gadget known to the kernel, and opens its files.
void gadget_create(struct gadget *gadget, const char *serial);
void gadget_write(const char *path, const char *text);
void gadget_plug(void);
void gadget_unplug(void);

// endpoints.c: each with the lock free.
void gadget_start_endpoints(struct gadget *gadget);
// With the lock: waits until something changes, if only the time.
void gadget_wait(struct gadget *gadget);
// With the lock: does what the model wants before a control request is
// answered, halts and takes back.
void gadget_settle(struct gadget *gadget);

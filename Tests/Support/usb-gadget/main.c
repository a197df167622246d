// usb-gadget SERIAL: an emulated USBTMC instrument on dummy_udc.0, until killed.
// Prints `ready` once the host can see it.

#define _GNU_SOURCE
#include "gadget.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <linux/usb/functionfs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int64_t milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void fail(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

// MARK: Control requests

// FunctionFS takes it for a stall if the next event is read before a request is
// answered. One that shall not be answered is left until the host has had
// enough and resets the device, which shows in the controller's state.
static void wait_for_reset(struct gadget *gadget) {
  char state[32];
  const int file = open("/sys/class/udc/dummy_udc.0/state", O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, state, sizeof state) < 0) fail("the controller's state");
  struct pollfd changed = { .fd = file, .events = POLLPRI };
  pthread_mutex_unlock(&gadget->lock);
  poll(&changed, 1, -1);
  pthread_mutex_lock(&gadget->lock);
  close(file);
}

static void answer(struct gadget *gadget, struct usb_ctrlrequest *setup) {
  // FunctionFS counts the endpoints instead of giving their addresses.
  static const uint8_t addresses[] = { 0, USBTMC_BULK_OUT, USBTMC_BULK_IN, USBTMC_INTERRUPT_IN };
  if ((setup->bRequestType & USB_RECIP_MASK) == USB_RECIP_ENDPOINT) {
    setup->wIndex = htole16(addresses[le16toh(setup->wIndex) & 3]);
  }
  uint8_t data[256] = { 0 };
  usbtmc_set_time(gadget->model, milliseconds());
  const int count = usbtmc_control(gadget->model, (const uint8_t *)setup, data);
  gadget_settle(gadget);
  pthread_cond_broadcast(&gadget->changed);
  const bool is_in = setup->bRequestType & USB_DIR_IN;
  ssize_t result = 0;
  if (count == USBTMC_NAK) {
    wait_for_reset(gadget);
  } else if ((count < 0) == is_in) {
    // The data, the wrong way: what FunctionFS takes for a stall; or what there
    // is to read.
    result = read(gadget->control, data, 0);
  } else {
    result = write(gadget->control, data, count > 0 ? (size_t)count : 0);
  }
  (void)result;
}

// MARK: Leaving and coming back

static void *run_plug(void *context) {
  struct gadget *gadget = context;
  pthread_mutex_lock(&gadget->lock);
  while (true) {
    usbtmc_set_time(gadget->model, milliseconds());
    int64_t back_after;
    if (usbtmc_leaves(gadget->model, &back_after)) {
      pthread_mutex_unlock(&gadget->lock);
      gadget_unplug();
      if (back_after >= 0) {
        usleep((useconds_t)back_after * 1000);
        gadget_plug();
      }
      pthread_mutex_lock(&gadget->lock);
      usbtmc_replugged(gadget->model);
    }
    gadget_wait(gadget);
  }
}

int main(int count, char **arguments) {
  if (count != 2) {
    fputs("usage: usb-gadget SERIAL\n", stderr);
    return 64;
  }
  static struct gadget gadget;
  gadget.model = usbtmc_create(&(struct usbtmc_options){
    .manufacturer_name = "SALTIRE",
    .product_name = "GADGET",
    .serial = arguments[1],
    .packet = 512,
    .has_interrupt = true,
    .is_488 = true,
  });
  pthread_mutex_init(&gadget.lock, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&gadget.changed, &attributes);
  gadget_create(&gadget, arguments[1]);
  gadget_start_endpoints(&gadget);
  pthread_t plug;
  pthread_create(&plug, NULL, run_plug, &gadget);
  gadget_plug();

  bool was_ready = false;
  struct usb_functionfs_event event;
  while (true) {
    const ssize_t size = read(gadget.control, &event, sizeof event);
    // The host did not wait for an answer.
    if (size < 0 && errno == EIDRM) continue;
    if (size != sizeof event) fail("the control endpoint");
    pthread_mutex_lock(&gadget.lock);
    switch (event.type) {
      case FUNCTIONFS_ENABLE:
        // A DISABLE that was not read in time is not kept.
        if (gadget.is_enabled) usbtmc_reset(gadget.model);
        gadget.is_enabled = true;
        gadget.out_is_halted = false;
        if (!was_ready) puts("ready");
        fflush(stdout);
        was_ready = true;
        break;
      case FUNCTIONFS_DISABLE:
        gadget.is_enabled = false;
        usbtmc_reset(gadget.model);
        break;
      case FUNCTIONFS_SETUP: answer(&gadget, &event.u.setup); break;
      default: break;
    }
    pthread_cond_broadcast(&gadget.changed);
    pthread_mutex_unlock(&gadget.lock);
  }
}

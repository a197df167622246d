// Requests to endpoints, as usbfs has them.

#include "emulator.h"

#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <stddef.h>
#include <string.h>

enum { QUEUE_CONTROL, QUEUE_OUT, QUEUE_IN, QUEUE_INTERRUPT };

void urb_free(struct urb *urb) {
  g_object_unref(urb->data);
  if (urb->buffer != NULL) g_object_unref(urb->buffer);
  g_free(urb->received);
  g_free(urb);
}

static GQueue *queue_of(struct urb *urb) {
  struct node *node = urb->handle->node;
  if (urb->type == USBDEVFS_URB_TYPE_CONTROL) return &node->pending[QUEUE_CONTROL];
  switch (urb->endpoint) {
    case USBTMC_BULK_OUT: return &node->pending[QUEUE_OUT];
    case USBTMC_BULK_IN: return &node->pending[QUEUE_IN];
    default: return &node->pending[QUEUE_INTERRUPT];
  }
}

// MARK: Ends

// After an error, what is left of a transfer in several requests shall not get
// the bytes of the next one: the kernel takes those back that continue it, and
// takes no more of them.
static void cancel_continuations(struct handle *handle, uint8_t endpoint) {
  GList *next = handle->node->pending[endpoint == USBTMC_BULK_IN ? QUEUE_IN : QUEUE_OUT].head;
  bool is_over = true;
  while (next != NULL) {
    struct urb *urb = next->data;
    next = next->next;
    if (urb->handle != handle) continue;
    if (!urb->is_continuation) {
      is_over = false;
      break;
    }
    g_queue_remove(queue_of(urb), urb);
    urb_finish(urb, -ECONNRESET, 0);
  }
  if (is_over) handle->disabled_endpoints |= 1u << (endpoint & 0x0F);
}

void urb_finish(struct urb *urb, int status, size_t actual) {
  urb->status = status;
  urb->actual = actual;
  g_queue_push_tail(&urb->handle->done, urb);
  if (urb->type == USBDEVFS_URB_TYPE_BULK && status < 0 && status != -ECONNRESET
      && status != -ENOENT) {
    cancel_continuations(urb->handle, urb->endpoint);
  }
}

void node_cancel(struct node *node, const struct handle *handle, int status) {
  for (int index = 0; index < ENDPOINT_QUEUES; index++) {
    for (GList *next = node->pending[index].head, *entry; (entry = next) != NULL;) {
      struct urb *urb = entry->data;
      next = entry->next;
      if (handle != NULL && urb->handle != handle) continue;
      g_queue_delete_link(&node->pending[index], entry);
      urb->status = status;
      g_queue_push_tail(&urb->handle->done, urb);
    }
  }
}

// MARK: Between the client and the device

// Whether the device took it, or refused it.
static bool pump_out(struct usbtmc_device *model, struct urb *urb) {
  const uint8_t *bytes = urb->buffer != NULL ? urb->buffer->data : NULL;
  const int result = usbtmc_bulk_out(model, bytes, urb->length);
  if (result == USBTMC_NAK) return false;
  g_queue_pop_head(queue_of(urb));
  if (result == USBTMC_STALL) {
    urb_finish(urb, -EPIPE, 0);
    return true;
  }
  if (urb->flags & USBDEVFS_URB_ZERO_PACKET) usbtmc_bulk_out(model, NULL, 0);
  urb_finish(urb, 0, urb->length);
  return true;
}

// Whether there was something for the client.
static bool pump_in(struct node *node, struct urb *urb) {
  struct usbtmc_device *model = node->device->model;
  const bool is_bulk = urb->endpoint == USBTMC_BULK_IN;
  // A device sends whole packets, whether or not the client has room for them.
  const size_t packet = is_bulk ? node->device->options.model.packet : 2;
  const size_t capacity = (urb->length + packet - 1) / packet * packet;
  if (urb->received == NULL) urb->received = g_malloc(capacity > 0 ? capacity : 1);
  const int count = is_bulk ? usbtmc_bulk_in(model, urb->received, capacity)
      : usbtmc_interrupt_in(model, urb->received, capacity);
  if (count == USBTMC_NAK) return false;
  g_queue_pop_head(queue_of(urb));
  if (count < 0) {
    urb_finish(urb, -EPIPE, 0);
    return true;
  }
  if (is_bulk) usbtmc_sent(model);
  const bool is_babble = (size_t)count > urb->length;
  const bool is_short = (size_t)count < urb->length;
  const int status = is_babble ? -EOVERFLOW
      : is_short && urb->flags & USBDEVFS_URB_SHORT_NOT_OK ? -EREMOTEIO : 0;
  urb_finish(urb, status, is_babble ? urb->length : (size_t)count);
  return true;
}

// libusb makes several requests of what is longer than that.
enum { LIBUSB_CHUNK = 16384 };

// A real device is slower than a client that submits one request after the
// other. This one is not, and a transfer that ends before its last request is
// there has another outcome: libusb then takes a stall for a short transfer.
bool node_expects_more(const struct node *node) {
  const struct urb *out = g_queue_peek_tail((GQueue *)&node->pending[QUEUE_OUT]);
  const struct urb *in = g_queue_peek_tail((GQueue *)&node->pending[QUEUE_IN]);
  return (out != NULL && out->length == LIBUSB_CHUNK)
      || (in != NULL && in->flags & USBDEVFS_URB_SHORT_NOT_OK);
}

void node_pump(struct node *node) {
  bool is_moving = true;
  while (is_moving) {
    is_moving = false;
    struct urb *urb = g_queue_peek_head(&node->pending[QUEUE_OUT]);
    if (urb != NULL && pump_out(node->device->model, urb)) is_moving = true;
    urb = g_queue_peek_head(&node->pending[QUEUE_IN]);
    if (urb != NULL && pump_in(node, urb)) is_moving = true;
    urb = g_queue_peek_head(&node->pending[QUEUE_INTERRUPT]);
    if (urb != NULL && pump_in(node, urb)) is_moving = true;
  }
}

// MARK: Submitting

static int submit_control(struct urb *urb) {
  enum { SETUP = 8 };
  struct handle *handle = urb->handle;
  if (urb->buffer == NULL || urb->length < SETUP) return -EINVAL;
  uint8_t *setup = urb->buffer->data;
  const size_t length = setup[6] | (size_t)setup[7] << 8;
  if (urb->length < SETUP + length) return -EINVAL;
  // What goes to an interface or its endpoints needs the interface.
  const bool needs_claim = (setup[0] & 0x60) == 0x20 && (setup[0] & 0x1F) != 0;
  if (needs_claim && !usbfs_may_use(handle)) return -EBUSY;
  const int count = usbtmc_control(handle->node->device->model, setup, setup + SETUP);
  if (count == USBTMC_NAK) {
    g_queue_push_tail(queue_of(urb), urb);
  } else if (count < 0) {
    urb_finish(urb, -EPIPE, 0);
  } else {
    urb_finish(urb, 0, setup[0] & 0x80 ? (size_t)count : length);
  }
  return 0;
}

static int submit_transfer(struct urb *urb) {
  struct handle *handle = urb->handle;
  const bool has_interrupt = handle->node->device->options.model.has_interrupt;
  if (urb->endpoint != USBTMC_BULK_OUT && urb->endpoint != USBTMC_BULK_IN
      && !(has_interrupt && urb->endpoint == USBTMC_INTERRUPT_IN)) {
    return -ENOENT;
  }
  if (!usbfs_may_use(handle)) return -EBUSY;
  const uint32_t bit = 1u << (urb->endpoint & 0x0F);
  if (!urb->is_continuation) handle->disabled_endpoints &= ~bit;
  if (handle->disabled_endpoints & bit) return -EREMOTEIO;
  g_queue_push_tail(queue_of(urb), urb);
  return 0;
}

int urb_submit(struct handle *handle, UMockdevIoctlData *data) {
  const struct usbdevfs_urb *request = (struct usbdevfs_urb *)data->data;
  struct urb *urb = g_new0(struct urb, 1);
  urb->handle = handle;
  urb->data = g_object_ref(data);
  urb->type = request->type;
  urb->endpoint = request->endpoint;
  urb->flags = request->flags;
  urb->length = (size_t)request->buffer_length;
  urb->is_continuation = (request->flags & USBDEVFS_URB_BULK_CONTINUATION) != 0;
  const bool is_control = urb->type == USBDEVFS_URB_TYPE_CONTROL;
  // What the device sends is fetched from the client only to be overwritten:
  // that waits until it is known how much it is.
  if (urb->length > 0 && (is_control || !(urb->endpoint & 0x80))) {
    urb->buffer = umockdev_ioctl_data_resolve(
        data, offsetof(struct usbdevfs_urb, buffer), urb->length, NULL);
    if (urb->buffer == NULL) {
      // The client was killed meanwhile.
      urb_free(urb);
      return -EFAULT;
    }
  }
  const int result = is_control ? submit_control(urb) : submit_transfer(urb);
  if (result == 0) {
    handle->node->device->urbs++;
  } else {
    urb_free(urb);
  }
  return result;
}

int urb_discard(struct handle *handle, gulong address) {
  for (int index = 0; index < ENDPOINT_QUEUES; index++) {
    GQueue *queue = &handle->node->pending[index];
    for (GList *entry = queue->head; entry != NULL; entry = entry->next) {
      struct urb *urb = entry->data;
      if (urb->handle != handle || urb->data->client_addr != address) continue;
      g_queue_delete_link(queue, entry);
      urb_finish(urb, -ENOENT, 0);
      return 0;
    }
  }
  return -EINVAL;
}

int urb_reap(struct handle *handle, UMockdevIoctlData *pointer) {
  struct urb *urb = g_queue_pop_head(&handle->done);
  if (urb == NULL) return handle->node->device != NULL ? -EAGAIN : -ENODEV;
  struct usbdevfs_urb *request = (struct usbdevfs_urb *)urb->data->data;
  request->status = urb->status;
  request->actual_length = (int)urb->actual;
  if (urb->received != NULL && urb->actual > 0) {
    urb->buffer = umockdev_ioctl_data_resolve(
        urb->data, offsetof(struct usbdevfs_urb, buffer), urb->actual, NULL);
    if (urb->buffer != NULL) memcpy(urb->buffer->data, urb->received, urb->actual);
  }
  umockdev_ioctl_data_set_ptr(pointer, 0, urb->data);
  urb_free(urb);
  return 0;
}

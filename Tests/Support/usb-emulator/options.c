// What is said about a device, on the command line and by clients.

#include "emulator.h"

#include <string.h>

// MARK: Values

static bool read_hex16(const char *text, uint16_t *value) {
  guint64 number;
  if (!g_ascii_string_to_unsigned(text, 16, 0, 0xFFFF, &number, NULL)) return false;
  *value = (uint16_t)number;
  return true;
}

static bool read_flag(const char *text, bool *flag) {
  *flag = strcmp(text, "yes") == 0;
  return *flag || strcmp(text, "no") == 0;
}

static bool read_name(const char *text, const char **name) {
  if (!g_str_is_ascii(text) || strpbrk(text, "\n\r") != NULL) return false;
  g_free((char *)*name);
  *name = g_strdup(text);
  return true;
}

static bool read_packet(const char *text, uint16_t *packet) {
  *packet = strcmp(text, "64") == 0 ? 64 : 512;
  return *packet == 64 || strcmp(text, "512") == 0;
}

static bool read_interface(const char *text, uint8_t *interface) {
  guint64 number;
  if (!g_ascii_string_to_unsigned(text, 10, 0, 255, &number, NULL)) return false;
  *interface = (uint8_t)number;
  return true;
}

static bool read_driver(const char *text, bool *has_driver) {
  *has_driver = strcmp(text, "usbtmc") == 0;
  return *has_driver || strcmp(text, "none") == 0;
}

static bool read_backend(const char *text, struct device_options *options) {
  static const char tcp[] = "tcp:";
  options->backend = strcmp(text, "peer") == 0 ? BACKEND_PEER : BACKEND_SCPI;
  if (strncmp(text, tcp, strlen(tcp)) == 0) {
    options->backend = BACKEND_TCP;
    g_free(options->host);
    return tcp_read_address(text + strlen(tcp), &options->host, &options->port);
  }
  return options->backend == BACKEND_PEER || strcmp(text, "scpi") == 0;
}

static bool read_faults(const char *text, char **faults) {
  g_free(*faults);
  *faults = g_strdup(text);
  return true;
}

// MARK: All

// Whether the value is one for the key. What is expected is left in `expected`,
// NULL if there is no such key.
static bool set(
    struct device_options *options, const char *key, const char *value, const char **expected) {
  struct usbtmc_options *model = &options->model;
#define KEY(name, what, read) \
  if (strcmp(key, name) == 0) { \
    *expected = what; \
    return read; \
  }
  KEY("vid", "hexadecimal digits", read_hex16(value, &model->vendor))
  KEY("pid", "hexadecimal digits", read_hex16(value, &model->product))
  KEY("serial", "ASCII text", read_name(value, &model->serial))
  KEY("manufacturer", "ASCII text", read_name(value, &model->manufacturer_name))
  KEY("product", "ASCII text", read_name(value, &model->product_name))
  KEY("interface", "0 to 255", read_interface(value, &model->interface))
  KEY("packet", "64 or 512", read_packet(value, &model->packet))
  KEY("interrupt", "yes or no", read_flag(value, &model->has_interrupt))
  KEY("usb488", "yes or no", read_flag(value, &model->is_488))
  KEY("driver", "usbtmc or none", read_driver(value, &options->has_driver))
  KEY("mode", "denied", options->is_denied = strcmp(value, "denied") == 0)
  KEY("backend", "scpi, peer or tcp:HOST:PORT", read_backend(value, options))
  KEY("faults", "a fault plan", read_faults(value, &options->faults))
#undef KEY
  *expected = NULL;
  return false;
}

char *device_options_read(struct device_options *options, const char *text) {
  *options = (struct device_options){
    .model = {
      .vendor = 0x1209,
      .product = 0x7E57,
      .manufacturer_name = g_strdup("SALTIRE"),
      .product_name = g_strdup("EMULATED"),
      .serial = g_strdup("0001"),
      .packet = 512,
      .has_interrupt = true,
      .is_488 = true,
    },
    .has_driver = true,
  };
  char **items = g_strsplit(text, ",", -1);
  char *error = NULL;
  for (char **item = items; *item != NULL && error == NULL; item++) {
    if (**item == '\0') continue;
    char *value = strchr(*item, '=');
    const char *expected = NULL;
    if (value != NULL) *value++ = '\0';
    if (value != NULL && set(options, *item, value, &expected)) continue;
    error = value == NULL ? g_strdup_printf("KEY=VALUE is expected instead of '%s'", *item)
        : expected == NULL ? g_strdup_printf("there is no key '%s'", *item)
        : g_strdup_printf("%s is expected for %s instead of '%s'", expected, *item, value);
  }
  g_strfreev(items);
  if (error != NULL) device_options_free(options);
  return error;
}

void device_options_free(struct device_options *options) {
  g_free((char *)options->model.serial);
  g_free((char *)options->model.manufacturer_name);
  g_free((char *)options->model.product_name);
  g_free(options->host);
  g_free(options->faults);
}

// The built-in instrument:
//
//   *IDN?            SALTIRE,EMULATED,<serial>,1.0
//   *OPC?            1
//   *STB?            the status byte
//   :SYST:ERR?       the oldest error, +0,"No error" without one
//   ECHO? TEXT       the text
//   BLOCK? N         a block of N bytes, of which the i-th is 31 i mod 256
//   BLOCK0? N        the same, of indefinite length
//   DATA BLOCK       keeps the block's bytes
//   DATA?            gives them back
//   COUNT?           how many TRIGGERs came
//   REMOTE?          REN, remote, locked out: three times 0 or 1
//   SRQ              requests service
//   SIM:FAULT PLAN   see faults.c
//
// Anything else is error -113. Replies end with LF.

#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(struct usbtmc_device *device, const char *text) {
  usbtmc_say(device, (const uint8_t *)text, strlen(text));
}

// MARK: Errors

static void add_error(struct usbtmc_device *device, const char *error) {
  if (device->error_count == MOST_ERRORS) return;
  char *place = device->errors[device->error_count++];
  snprintf(place, sizeof device->errors[0], "%s\n", error);
}

static void say_error(struct usbtmc_device *device) {
  if (device->error_count == 0) {
    say(device, "+0,\"No error\"\n");
    return;
  }
  say(device, device->errors[0]);
  device->error_count--;
  memmove(
      device->errors[0], device->errors[1],
      sizeof device->errors[0] * (size_t)device->error_count);
}

// MARK: Blocks

// A block with room for its bytes: `#`, how many digits, how many bytes.
static uint8_t *make_block(size_t count, bool is_indefinite, size_t *start, size_t *all) {
  char digits[24], head[48];
  snprintf(digits, sizeof digits, "%zu", count);
  if (is_indefinite) {
    strcpy(head, "#0");
  } else {
    snprintf(head, sizeof head, "#%zu%s", strlen(digits), digits);
  }
  *start = strlen(head);
  *all = *start + count + 1;
  uint8_t *block = malloc(*all);
  if (block == NULL) return NULL;
  memcpy(block, head, *start);
  block[*all - 1] = '\n';
  return block;
}

static void say_block(struct usbtmc_device *device, const char *text, bool is_indefinite) {
  const size_t count = strtoul(text, NULL, 10);
  size_t start, all;
  uint8_t *block = make_block(count, is_indefinite, &start, &all);
  if (block == NULL) return add_error(device, "-225,\"Out of memory\"");
  for (size_t index = 0; index < count; index++) block[start + index] = (uint8_t)(index * 31);
  usbtmc_say(device, block, all);
  free(block);
}

static void say_data(struct usbtmc_device *device) {
  size_t start, all;
  uint8_t *block = make_block(device->data_count, false, &start, &all);
  if (block == NULL) return add_error(device, "-225,\"Out of memory\"");
  if (device->data_count > 0) memcpy(block + start, device->data, device->data_count);
  usbtmc_say(device, block, all);
  free(block);
}

static void keep_data(struct usbtmc_device *device, const uint8_t *block, size_t count) {
  const size_t digits = count >= 2 && block[0] == '#' ? (size_t)(block[1] - '0') : 0;
  if (digits < 1 || digits > 9 || count < 2 + digits) {
    return add_error(device, "-161,\"Invalid block data\"");
  }
  size_t size = 0;
  for (size_t index = 0; index < digits; index++) {
    size = 10 * size + (size_t)(block[2 + index] - '0');
  }
  if (count < 2 + digits + size) return add_error(device, "-161,\"Invalid block data\"");
  uint8_t *data = realloc(device->data, size > 0 ? size : 1);
  if (data == NULL) return add_error(device, "-225,\"Out of memory\"");
  memcpy(data, block + 2 + digits, size);
  device->data = data;
  device->data_count = size;
}

// MARK: Commands

static void set_faults(struct usbtmc_device *device, const char *plan) {
  const char *wrong = usbtmc_set_faults(device, plan);
  if (wrong == NULL) return;
  char error[200];
  snprintf(error, sizeof error, "-224,\"Illegal parameter value; %s\"", wrong);
  add_error(device, error);
}

static void say_remote(struct usbtmc_device *device) {
  char text[16];
  snprintf(
      text, sizeof text, "%d,%d,%d\n", device->is_enabled, device->is_remote,
      device->is_locked_out);
  say(device, text);
}

static void say_number(struct usbtmc_device *device, long number) {
  char text[32];
  snprintf(text, sizeof text, "%ld\n", number);
  say(device, text);
}

// What is behind the command and a space; NULL for another command.
static const char *after(const char *command, const char *text) {
  const size_t length = strlen(command);
  return strncmp(text, command, length) == 0 && text[length] == ' ' ? text + length + 1 : NULL;
}

static void obey(struct usbtmc_device *device, const char *text) {
  const char *rest;
  if (strcmp(text, "*IDN?") == 0) {
    char identity[256];
    snprintf(identity, sizeof identity, "SALTIRE,EMULATED,%s,1.0\n", device->options.serial);
    say(device, identity);
  } else if (strcmp(text, "*OPC?") == 0) {
    say(device, "1\n");
  } else if (strcmp(text, "*STB?") == 0) {
    say_number(device, status_byte(device));
  } else if (strcmp(text, ":SYST:ERR?") == 0) {
    say_error(device);
  } else if (strcmp(text, "COUNT?") == 0) {
    say_number(device, device->counters.triggers);
  } else if (strcmp(text, "REMOTE?") == 0) {
    say_remote(device);
  } else if (strcmp(text, "DATA?") == 0) {
    say_data(device);
  } else if (strcmp(text, "SRQ") == 0) {
    usbtmc_raise(device, REQUEST_SERVICE);
  } else if ((rest = after("ECHO?", text)) != NULL) {
    say(device, rest);
  } else if ((rest = after("BLOCK?", text)) != NULL) {
    say_block(device, rest, false);
  } else if ((rest = after("BLOCK0?", text)) != NULL) {
    say_block(device, rest, true);
  } else if ((rest = after("SIM:FAULT", text)) != NULL) {
    set_faults(device, rest);
  } else {
    add_error(device, "-113,\"Undefined header\"");
  }
}

void built_in_hear(struct usbtmc_device *device, const uint8_t *message, size_t count) {
  static const char data[] = "DATA ";
  const size_t length = strlen(data);
  if (count > length && memcmp(message, data, length) == 0) {
    keep_data(device, message + length, count - length);
    return;
  }
  while (count > 0 && (message[count - 1] == '\n' || message[count - 1] == '\r')) count--;
  char *text = malloc(count + 2);
  if (text == NULL) return add_error(device, "-225,\"Out of memory\"");
  memcpy(text, message, count);
  text[count] = '\0';
  // What is echoed ends as replies do.
  if (after("ECHO?", text) != NULL) strcpy(text + count, "\n");
  obey(device, text);
  free(text);
}

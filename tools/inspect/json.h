/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h - write one JSON document, value by value.
 *
 * `key` names the member of the enclosing object; NULL inside an array. Strings come from
 * disks: what is not valid UTF-8 is written as the code point of the byte's value.
 */
#ifndef LDMBOOT_INSPECT_JSON_H
#define LDMBOOT_INSPECT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/guid.h"

struct json {
    FILE    *out;
    unsigned depth;
    bool     has_members;  /* the object or array that is being written has a member already */
};

void json_begin_object(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_begin_array(struct json *j, const char *key);
void json_end_array(struct json *j);
void json_string(struct json *j, const char *key, const char *value);  /* NULL: null */
void json_number(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
void json_guid(struct json *j, const char *key, const struct guid *guid);  /* NULL: null */

#endif

"""Bodies of new jobs: what Jackson makes of them."""

from __future__ import annotations

from dataclasses import replace

from tests.adapters.raw.cases import Case, job
from tests.adapters.raw.error_texts import EMPTY_BODY, NO_GREMLIN, NULL

_BODIES = (
    Case(400, EMPTY_BODY, ("", " ", "null")),
    Case(400,
         "Unrecognized token 'NULL': was expecting (JSON String, Number, Array, Object or token"
         " 'null', 'true' or 'false')",
         ("NULL",)),
    Case(400,
         "Cannot deserialize value of type `GremlinAPI$GremlinRequest` from Array value (token "
         "`JsonToken.START_ARRAY`)",
         ("[]", "[{}]", '[{"gremlin":"1"}]', '["1"]')),
    Case(400,
         "Cannot construct instance of `GremlinAPI$GremlinRequest` (although at least one "
         "Creator exists): no String-argument constructor/factory method to deserialize from "
         "String value ('x')",
         ('"x"',)),
    Case(400,
         'Cannot coerce empty String ("") to `GremlinAPI$GremlinRequest` value (but could if '
         'coercion was enabled using `CoercionConfig`)',
         ('""',)),
    Case(400,
         "Cannot construct instance of `GremlinAPI$GremlinRequest` (although at least one "
         "Creator exists): no int/Int-argument constructor/factory method to deserialize from "
         "Number value (1)",
         ("1",)),
    Case(400,
         "Cannot construct instance of `GremlinAPI$GremlinRequest` (although at least one "
         "Creator exists): no double/Double-argument constructor/factory method to deserialize "
         "from Number value (1.5)",
         ("1.5",)),
    Case(400,
         "Cannot construct instance of `GremlinAPI$GremlinRequest` (although at least one "
         "Creator exists): no boolean/Boolean-argument constructor/factory method to "
         "deserialize from boolean value (true)",
         ("true",)),
    Case(400,
         "Cannot construct instance of `GremlinAPI$GremlinRequest` (although at least one "
         "Creator exists): no boolean/Boolean-argument constructor/factory method to "
         "deserialize from boolean value (false)",
         ("false",)),
    Case(400, NO_GREMLIN, (
        "{}", '{"gremlin":null}', '{"gremlin":null,"aliases":{"a":"b"}}',
        '{"gremlin":null,"language":null}', '{"aliases":null}', '{"language":null}', b'\xff\xfe{\x00}\x00',
    )),
    Case(400, "Unexpected end-of-input…", ("{", '{"gremlin":', '{"gremlin":"1"')),
    Case(201, "a new task", (
        '{"gremlin":"1"}x', '{"gremlin":"1"} {"gremlin":"2"}', '{"gremlin":"1"}]', '  {"gremlin":"1"}  ',
        '\ufeff{"gremlin":"1"}', '{"gremlin":""}', '{"gremlin":" "}', '{"gremlin":1}', '{"gremlin":1.50}',
        '{"gremlin":true}', '{"gremlin":"1","gremlin":"2"}', '{"gremlin":"\\ud800"}',
        '{"gremlin":"\\ud83d\\ude00"}', '{"gremlin":"a\\u0000b"}', '{"gremlin":1e400}',
        '{"gremlin":"1","language":""}', '{"gremlin":"1","language":"x"}', '{"gremlin":"1","language":1}',
        '{"gremlin":"1","bindings":null}', '{"gremlin":"1","bindings":{}}',
        '{"gremlin":"1","bindings":{"a":[1,{"b":null}]}}', '{"gremlin":"1","bindings":{"a":null}}',
        '{"gremlin":"1","aliases":{}}', '{"gremlin":"café"}', b'{"gremlin":"\xed\xa0\x80"}',
    )),
    Case(400, "Unexpected character ('g' (code 103)): was expecting double-quote to start field name", (
        '{gremlin:"1"}',
    )),
    Case(400, "Unexpected character (''' (code 39)): was expecting double-quote to start field name", (
        "{'gremlin':'1'}",
    )),
    Case(400, "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", (
        '{"gremlin":"1",}',
    )),
    Case(400, "Unexpected character ('/' (code 47))…", ('/* c */{"gremlin":"1"}',)),
    Case(400,
         "Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token "
         "'null', 'true' or 'false')",
         ("x",)),
    Case(400, "Cannot deserialize value of type `String` from Array value (token `JsonToken.START_ARRAY`)", (
        '{"gremlin":[]}', '{"gremlin":["1"]}', '{"gremlin":"1","language":[]}',
        '{"gremlin":"1","aliases":{"a":[]}}',
    )),
    Case(400,
         "Cannot deserialize value of type `String` from Object value (token `JsonToken.START_OBJECT`)", (
        '{"gremlin":{}}', '{"gremlin":{"a":1}}', '{"gremlin":"1","language":{}}',
    )),
    Case(400,
         'Unrecognized field "Gremlin" (class GremlinAPI$GremlinRequest), not marked as '
         'ignorable (4 known properties: "language", "gremlin", "bindings", "aliases"])',
         ('{"Gremlin":"1"}',)),
    Case(400,
         'Unrecognized field "limit" (class GremlinAPI$GremlinRequest), not marked as ignorable'
         ' (4 known properties: "language", "gremlin", "bindings", "aliases"])',
         ('{"gremlin":"1","limit":1}',)),
    Case(400,
         'Unrecognized field "a" (class GremlinAPI$GremlinRequest), not marked as ignorable (4 '
         'known properties: "language", "gremlin", "bindings", "aliases"])',
         ('{"gremlin":"1","a":1,"b":2}',)),
    Case(400, "Unrecognized character escape 'q' (code 113)", ('{"gremlin":"\\q"}',)),
    Case(400,
         "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash "
         "to be included in string value",
         ('{"gremlin":"a\nb"}',)),
    Case(400,
         "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash "
         "to be included in string value",
         ('{"gremlin":"a\tb"}',)),
    Case(400, "Non-standard token 'NaN': enable …", ('{"gremlin":NaN}',)),
    Case(400, "IllegalArgumentException: The language parameter can't be null", (
        '{"gremlin":"1","language":null}', '{"gremlin":"1","language":null,"bindings":null}',
    )),
    Case(400,
         "Cannot deserialize value of type `LinkedHashMap<String,Object>` from Array value "
         "(token `JsonToken.START_ARRAY`)",
         (
        '{"gremlin":"1","bindings":[]}', '{"gremlin":"1","bindings":[1]}', '{"bindings":[],"gremlin":"1"}',
    )),
    Case(400,
         "Cannot construct instance of `LinkedHashMap` (although at least one Creator exists): "
         "no String-argument constructor/factory method to deserialize from String value ('x')",
         ('{"gremlin":"1","bindings":"x"}', '{"gremlin":"1","aliases":"x"}')),
    Case(400,
         'Cannot coerce empty String ("") to element of `LinkedHashMap<String,Object>` (but '
         'could if coercion was enabled using `CoercionConfig`)',
         ('{"gremlin":"1","bindings":""}',)),
    Case(400,
         "Cannot deserialize value of type `LinkedHashMap<String,Object>` from Integer value "
         "(token `JsonToken.VALUE_NUMBER_INT`)",
         ('{"gremlin":"1","bindings":1}',)),
    Case(400,
         "Cannot deserialize value of type `LinkedHashMap<String,Object>` from Boolean value "
         "(token `JsonToken.VALUE_TRUE`)",
         ('{"gremlin":"1","bindings":true}',)),
    Case(500, NULL, ('{"gremlin":"1","aliases":null}',)),
    Case(400,
         "Cannot deserialize value of type `LinkedHashMap<String,String>` from Array value "
         "(token `JsonToken.START_ARRAY`)",
         ('{"gremlin":"1","aliases":[]}',)),
    Case(400,
         'Cannot coerce empty String ("") to element of `LinkedHashMap<String,String>` (but '
         'could if coercion was enabled using `CoercionConfig`)',
         ('{"gremlin":"1","aliases":""}',)),
    Case(400, "IllegalArgumentException: There is no need to pass gremlin aliases", (
        '{"gremlin":"1","aliases":{"a":"b"}}', '{"gremlin":"1","aliases":{"a":1}}',
        '{"gremlin":"1","aliases":{"a":null}}',
    )),
    Case(400,
         "Cannot deserialize value of type `LinkedHashMap<String,String>` from Integer value "
         "(token `JsonToken.VALUE_NUMBER_INT`)",
         ('{"gremlin":"1","aliases":1}',)),
    Case(400,
         "Cannot deserialize value of type `LinkedHashMap<String,String>` from Boolean value "
         "(token `JsonToken.VALUE_FALSE`)",
         ('{"gremlin":"1","aliases":false}',)),
    Case(400, "Invalid UTF-8 start byte 0xff", (b'{"gremlin":"\xff"}',)),
    Case(400, "Invalid UTF-8 middle byte 0x22", (b'{"gremlin":"\xc3"}', b'{"gremlin":"caf\xe9"}')),
)  # fmt: skip

CASES = tuple(replace(case, requests=[job(body) for body in case.requests]) for case in _BODIES)

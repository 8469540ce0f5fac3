# SPDX-License-Identifier: BSD-2-Clause
"""SARIF 2.1.0, read by somebody else: the shape of what we write of it, written
down from the standard (the numbers are its sections), and what a log says.
"""

import re

import jsonschema

MESSAGE = {  # 3.11
    "type": "object", "required": ["text"], "additionalProperties": False,
    "properties": {"text": {"type": "string", "minLength": 1}},
}
TEXT = {**MESSAGE}  # 3.12, multiformatMessageString
LEVEL = {"enum": ["none", "note", "warning", "error"]}  # 3.27.10
BAG = {"type": "object"}  # 3.8
# RFC 3986, as far as a relative reference needs it.
URI = {"type": "string", "format": "uri-reference",
       "pattern": r"^(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"}
ARTIFACT = {  # 3.4
    "type": "object", "required": ["uri"], "additionalProperties": False,
    "properties": {"uri": URI, "uriBaseId": {"type": "string"}},
}
LOGICAL = {  # 3.33
    "type": "object", "additionalProperties": False, "required": ["name"],
    "properties": {"name": {"type": "string"}, "kind": {"type": "string"}},
}
LOCATION = {  # 3.28
    "type": "object", "additionalProperties": False,
    "properties": {
        "physicalLocation": {  # 3.29
            "type": "object", "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {"artifactLocation": ARTIFACT}},
        "logicalLocations": {"type": "array", "minItems": 1,
                             "uniqueItems": True, "items": LOGICAL},
    },
}
RULE = {  # 3.49
    "type": "object", "additionalProperties": False,
    "required": ["id", "shortDescription", "fullDescription", "help"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "shortDescription": TEXT, "fullDescription": TEXT, "help": TEXT,
        "defaultConfiguration": {  # 3.50
            "type": "object", "additionalProperties": False,
            "properties": {"level": LEVEL}},
        "properties": BAG,
    },
}
RESULT = {  # 3.27
    "type": "object", "additionalProperties": False, "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": {"type": "array", "items": LOCATION},
        "partialFingerprints": {
            "type": "object", "additionalProperties": {"type": "string"}},
        "baselineState": {"enum": ["new", "unchanged", "updated", "absent"]},
        "properties": BAG,
    },
}
NOTIFICATION = {  # 3.58
    "type": "object", "additionalProperties": False, "required": ["message"],
    "properties": {"message": MESSAGE, "level": LEVEL,
                   "locations": {"type": "array", "items": LOCATION}},
}
RUN = {  # 3.14
    "type": "object", "additionalProperties": False, "required": ["tool"],
    "properties": {
        "tool": {  # 3.18
            "type": "object", "additionalProperties": False,
            "required": ["driver"],
            "properties": {"driver": {  # 3.19
                "type": "object", "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "fullName": {"type": "string"},
                    "version": {"type": "string"},
                    "rules": {"type": "array", "uniqueItems": True,
                              "items": RULE}}}}},
        "originalUriBaseIds": {  # 3.14.14
            "type": "object", "additionalProperties": {
                "type": "object", "properties": {
                    "uri": {"type": "string", "pattern": "^file:.*/$"}}}},
        "invocations": {"type": "array", "items": {  # 3.20
            "type": "object", "additionalProperties": False,
            "required": ["executionSuccessful"],
            "properties": {
                "executionSuccessful": {"type": "boolean"},
                "toolExecutionNotifications": {
                    "type": "array", "items": NOTIFICATION}}}},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
        "automationDetails": {  # 3.17
            "type": "object", "additionalProperties": False,
            "properties": {"id": {"type": "string"}}},
    },
}
LOG = {  # 3.13
    "type": "object", "additionalProperties": False,
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string",
                    "pattern": r"^https://.*sarif.*2\.1\.0.*\.json$"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "items": RUN},
    },
}
VALIDATOR = jsonschema.Draft202012Validator(LOG)


def check(log):
    """Raise if it is no such log; also what a schema cannot say."""
    VALIDATOR.validate(log)
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        names = [rule["id"] for rule in rules]
        if len(set(names)) != len(names):
            raise ValueError("two rules of one id")
        for result in run["results"]:
            if names[result["ruleIndex"]] != result["ruleId"]:  # 3.27.6
                raise ValueError(f"not the rule of its number: {result}")
            for location in result["locations"]:
                artifact = location["physicalLocation"]["artifactLocation"]
                base = artifact.get("uriBaseId")
                if base is not None and base not in run["originalUriBaseIds"]:
                    raise ValueError(f"no such base: {base}")
                if re.match("/|[A-Za-z][A-Za-z0-9+.-]*:", artifact["uri"]):
                    raise ValueError(f"not relative: {artifact['uri']}")
        states = ["baselineState" in result for result in run["results"]]
        if len(set(states)) > 1:  # 3.27.24
            raise ValueError("some results have a baselineState")


def told(log):
    """(level, rule, URI, names, fingerprint) of each result."""
    check(log)
    return [(result["level"], result["ruleId"],
             location["physicalLocation"]["artifactLocation"]["uri"],
             [name["name"] for name in location.get("logicalLocations", [])],
             *result["partialFingerprints"].values())
            for run in log["runs"] for result in run["results"]
            for location in result["locations"]]

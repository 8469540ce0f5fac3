/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HTML_ASSETS_H
#define HTML_ASSETS_H

/*
 * The page's style and script, which are files of their own here, page.css and
 * page.js; assets.cmake puts them into the program.  Hashes are those that a
 * Content-Security-Policy names: base64 of the SHA-256 of the element's text.
 */

extern const char html_style[], html_style_hash[];
extern const char html_script[], html_script_hash[];

#endif

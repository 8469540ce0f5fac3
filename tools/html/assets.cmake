# SPDX-License-Identifier: BSD-2-Clause
#
# The page's style and script as C, for assets.c.
# usage: cmake -DCSS=page.css -DJS=page.js -DOUT=assets.inc -P assets.cmake

# Base64 of a hash in hexadecimal, six digits at a time.
function(base64 hex result)
  set(digits "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(text "")
  foreach(at RANGE 0 60 6)
    string(SUBSTRING "${hex}00" ${at} 6 six)
    foreach(shift 18 12 6 0)
      math(EXPR digit "(0x${six} >> ${shift}) & 63")
      string(SUBSTRING "${digits}" ${digit} 1 digit)
      string(APPEND text "${digit}")
    endforeach()
  endforeach()
  string(SUBSTRING "${text}" 0 43 text)
  set(${result} "${text}=" PARENT_SCOPE)
endfunction()

# A text and its hash, as the arrays NAME and NAME_hash.
function(array name text)
  string(SHA256 hash "${text}")
  base64(${hash} hash)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n\t\"" text "${text}")
  file(APPEND ${OUT} "const char ${name}[] =\n\t\"${text}\";\n"
    "const char ${name}_hash[] = \"${hash}\";\n")
endfunction()

# What XML would take for markup is hidden from it, and comments hide that
# from what reads HTML.
file(READ ${CSS} css)
file(READ ${JS} js)
file(WRITE ${OUT} "/* Made by assets.cmake. */\n")
array(html_style "/*<![CDATA[*/\n${css}/*]]>*/")
array(html_script "//<![CDATA[\n${js}//]]>\n")

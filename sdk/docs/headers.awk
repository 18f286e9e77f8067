# headers.awk: one C header of the SDK in, its chapter of the reference out (Markdown). Variables: name (zomma/ext/log.h).
#
# What it relies on is how these headers are written: the first comment says what the file is; a comment stands before what it
# explains, or behind it on the same line; a thread tag stands in brackets.

function trim(s) { sub(/^[ \t\n]+/, "", s); sub(/[ \t\n]+$/, "", s); return s }
# Comment text without its stars, as one paragraph per blank line.
function prose(s,   lines, n, i, line, out) {
  n = split(s, lines, "\n")
  for (i = 1; i <= n; i++) {
    line = lines[i]; sub(/^[ \t]*\*? ?/, "", line); line = trim(line)
    out = out (line == "" ? "\n\n" : (out == "" || out ~ /\n$/ ? "" : " ") line)
  }
  return trim(out)
}
# Names of the SDK as code, but for those that are code already.
function marked(s,   parts, n, i, out) {
  n = split(s, parts, "`")
  for (i = 1; i <= n; i++) {
    if (i % 2) gsub(/[zZ][mM]_[A-Za-z_0-9]+(\*|\.[a-z][a-z_]+)?/, "`&`", parts[i])
    out = out (i > 1 ? "`" : "") parts[i]
  }
  return out
}
function cell(s) { gsub(/[ \t\n]+/, " ", s); gsub(/\|/, "\\|", s); return trim(s) }
function joined(a, b) { return a == "" ? b : b == "" ? a : a " " b }

# The thread tag of a comment; `rest` is left without it.
function thread_of(s,   tag) {
  rest = s
  if (!match(s, /\[(control|strategy|thread-safe|any thread|as the hooks)[^]]*\]( no allocation)?/)) return ""
  tag = substr(s, RSTART + 1, RLENGTH - 1)
  rest = trim(substr(s, 1, RSTART - 1) substr(s, RSTART + RLENGTH))
  sub(/\]/, tag ~ /\] / ? "," : "", tag)
  return tag
}

# Splits at `separator` outside of brackets into item[1..items] with their comments in said[].
function scan(body, separator,   at, c, depth, current, before, end, text, fresh) {
  items = 0; fresh = 0
  for (at = 1; at <= length(body); at++) {
    c = substr(body, at, 1)
    if (substr(body, at, 2) == "/*") {
      end = index(substr(body, at), "*/")
      text = prose(substr(body, at + 2, end - 3))
      at += end
      if (trim(current) == "" && fresh) said[items] = joined(said[items], text)
      else before = joined(before, text)
      continue
    }
    if (c == "\n") fresh = 0
    if (c == "(" || c == "{") depth++
    if (c == ")" || c == "}") depth--
    if (c == separator && depth == 0) {
      item[++items] = trim(current); said[items] = before
      current = before = ""; fresh = 1
      continue
    }
    current = current c
  }
  if (trim(current) != "") { item[++items] = trim(current); said[items] = before }
  else if (before != "" && items > 0) said[items] = joined(said[items], before)
}

function print_intro() { if (pending != "") print "\n" marked(pending); pending = "" }

function enumeration(body,   i, parts, intro) {
  if (match(body, /^[ ]*\/\*[^\n]*\*\/[ ]*\n/)) { intro = prose(substr(body, index(body, "/*") + 2, index(body, "*/") - index(body, "/*") - 2)); body = substr(body, RLENGTH) }
  pending = joined(pending, intro == "" ? "" : "Values of " intro ".")
  print_intro()
  print "\n| constant | value | |\n|---|---|---|"
  scan(body, ",")
  for (i = 1; i <= items; i++) {
    split(item[i], parts, "=")
    printf "| `%s` | %s | %s |\n", trim(parts[1]), cell(parts[2]), marked(cell(said[i]))
  }
}

function structure(struct, body,   i, text, thread, signature, grows) {
  grows = body ~ /^[ \n]*uint32_t size *[,;]/
  print "\n### " struct
  print_intro()
  print "\n" (grows ? "Grows at its end; begins with its `size`." : "Never changes.")
  scan(body, ";")
  print "\n| member | |\n|---|---|"
  for (i = 1; i <= items; i++) {
    thread = thread_of(said[i]); text = rest
    signature = item[i]; gsub(/[ \t\n]+/, " ", signature)
    printf "| `%s` | %s%s |\n", cell(signature), marked(cell(text)), thread == "" ? "" : (text == "" ? "" : " ") "*[" thread "]*"
  }
}

function macro(line,   words, value, comment) {
  if (line ~ /^#define (ZOMMA_|ZM_(EXTERN_C|EXPORT|ABI_ASSERT|NOTE_SECTION))/) { pending = ""; return }
  match(line, /\/\*.*\*\//)
  comment = RSTART ? prose(substr(line, RSTART + 2, RLENGTH - 4)) : ""
  if (RSTART) line = substr(line, 1, RSTART - 1)
  if (match(line, /^#define [A-Z_]+\([^)]*\)/)) {
    printf "\n**`%s`** %s\n", substr(line, 9, RLENGTH - 8), marked(joined(pending, comment)); pending = ""
    return
  }
  split(line, words, " ")
  value = trim(substr(line, length(words[1] words[2]) + 3))
  sub(/\\$/, "", value)
  if (words[2] ~ /^ZM_EXT_/) printf "\nAsked for as `%s` (`%s`).\n", words[2], value
  else printf "\n`%s` = `%s`%s\n", words[2], value, joined(pending, comment) == "" ? "" : ": " marked(joined(pending, comment))
  pending = ""
}

{ all = all $0 "\n" }

END {
  print "\n## " name
  while (all != "") {
    if (match(all, /^[ \t\n]+/)) { all = substr(all, RLENGTH + 1); continue }
    if (match(all, /^\/\*/)) {
      end = index(all, "*/")
      text = prose(substr(all, 3, end - 3))
      all = substr(all, end + 2)
      if (!opened) { sub(/^[^:]*: /, "", text); print "\n" toupper(substr(marked(text), 1, 1)) substr(marked(text), 2); opened = 1 }
      else pending = text
    } else if (match(all, /^#([^\n]*\\\n)*[^\n]*\n/)) {
      line = substr(all, 1, RLENGTH); all = substr(all, RLENGTH + 1)
      if (line ~ /^#define/) { gsub(/\\\n/, " ", line); macro(trim(line)) }
    } else if (match(all, /^(typedef struct [a-z_0-9]+|enum) \{/)) {
      head = substr(all, 1, RLENGTH)
      depth = 0
      for (at = RLENGTH; at <= length(all); at++) {
        c = substr(all, at, 1)
        if (c == "{") depth++
        if (c == "}" && --depth == 0) break
      }
      body = substr(all, RLENGTH + 1, at - RLENGTH - 1)
      all = substr(all, at + 1); sub(/^[^;]*;/, "", all)
      after = ""
      if (match(all, /^[ \t]*\/\*[^\n]*\*\//)) { after = substr(all, 1, RLENGTH); all = substr(all, RLENGTH + 1) }
      if (head ~ /^enum/) enumeration(body); else { split(head, words, " "); structure(words[3], body) }
      if (after != "") { gsub(/\/\*|\*\//, "", after); after = prose(after); print "\n" toupper(substr(after, 1, 1)) marked(substr(after, 2)) "." }
    } else if (match(all, /^(static inline|ZM_ABI_ASSERT)/)) {  # nothing to say; a function's body ends at the margin
      pending = ""
      if (all ~ /^static/ && match(all, /^[^\n]*\{\n/)) { match(all, /\n\}\n/); all = substr(all, RSTART + 3) }
      else sub(/^[^\n]*\n/, "", all)
    } else {
      match(all, /^[^;]*;/); line = substr(all, 1, RLENGTH); all = substr(all, RLENGTH + 1)
      thread = thread_of(pending)
      printf "\n`%s`%s%s\n", cell(line), rest == "" ? "" : " " marked(rest), thread == "" ? "" : " *[" thread "]*"; pending = ""
    }
  }
}

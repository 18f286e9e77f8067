# structs.awk: preprocessed SDK headers in, a C program out that prints the table of the ABI: every struct with its size and
# growth, every member with offset, size and type, every enumerator with its value. Variables: include, structs_only.
#
# It reads the little C that the headers are allowed: typedef struct, one level of nested unions, pointers to functions.

# The text between two line markers counts when it comes from the SDK's own headers.
/^# [0-9]+ "/ { ours = index($3, "\"" include "/zomma/") == 1; next }
ours { text = text " " $0 }

function trim(s) { sub(/^ +/, "", s); sub(/ +$/, "", s); return s }
function tidy(s) { gsub(/[ \t]+/, " ", s); gsub(/ *\* */, " *", s); gsub(/\* \*/, "**", s); return trim(s) }

# The types of a parameter list, without the parameters' names: renaming one breaks nobody.
function types_of(list,   n, i, parts, words, bare, out) {
  n = split(list, parts, ",")
  for (i = 1; i <= n; i++) {
    bare = parts[i]
    gsub(/\*/, " ", bare); gsub(/(^| )(const|struct)( |$)/, " ", bare); gsub(/(^| )(const|struct)( |$)/, " ", bare)
    if (split(trim(bare), words, " ") > 1) sub(/[A-Za-z_0-9]+ *$/, "", parts[i])
    out = out (i > 1 ? ", " : "") tidy(parts[i])
  }
  return out
}

function emit(member, type) {
  printf "  printf(\"slot %s.%s %%zu %%zu %s\\n\", offsetof(%s, %s), sizeof(((%s *)0)->%s));\n", struct, member, type, struct, member, struct, member
}

function declare(member,   base, n, i, parts, type, name) {
  member = trim(member)
  if (member == "") return
  if (member ~ /\{/) { sub(/.*\} */, "", member); emit(trim(member), "union"); return }
  if (match(member, /\(\*[a-z_0-9]+\)/)) {
    name = substr(member, RSTART + 2, RLENGTH - 3)
    type = tidy(substr(member, 1, RSTART - 1)) " (*)"
    sub(/^.*\(\*[a-z_0-9]+\) *\(/, "", member); sub(/\) *$/, "", member)
    emit(name, type "(" types_of(member) ")")
    return
  }
  n = split(member, parts, ",")
  match(parts[1], /^.*[ *]/)  # up to the first declarator's name, whose own stars are not the base's
  base = substr(parts[1], 1, RLENGTH)
  parts[1] = substr(parts[1], RLENGTH + 1)
  while (base ~ /\* *$/) { sub(/\* *$/, "", base); parts[1] = "*" parts[1] }
  for (i = 1; i <= n; i++) {
    name = trim(parts[i]); type = tidy(base)
    if (match(name, /^[* ]+/)) { type = type " " tidy(substr(name, 1, RLENGTH)); name = substr(name, RLENGTH + 1) }
    if (match(name, /\[[^]]*\]$/)) { type = type substr(name, RSTART, RLENGTH); name = substr(name, 1, RSTART - 1) }
    emit(name, tidy(type))
  }
}

# Splits at semicolons outside of nested braces.
function members(body,   i, c, depth, member) {
  for (i = 1; i <= length(body); i++) {
    c = substr(body, i, 1)
    if (c == "{") depth++
    if (c == "}") depth--
    if (c == ";" && depth == 0) { declare(member); member = "" } else member = member c
  }
}

function body_from(at,   i, c, depth) {  # the text inside the braces that open at `at`; `after` is left behind them
  for (i = at; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (c == "{") depth++
    if (c == "}" && --depth == 0) { after = i + 1; return substr(text, at + 1, i - at - 1) }
  }
}

END {
  gsub(/[ \t]+/, " ", text)
  while (match(text, /(typedef struct [a-z_0-9]+|enum) \{/)) {
    head = substr(text, RSTART, RLENGTH)
    body = body_from(RSTART + RLENGTH - 1)
    text = substr(text, after)
    if (head ~ /^enum/) {
      if (structs_only) continue
      n = split(body, values, ",")
      for (i = 1; i <= n; i++) {
        sub(/=.*/, "", values[i])
        if (trim(values[i]) != "") printf "  printf(\"constant %s %%lld\\n\", (long long)%s);\n", trim(values[i]), trim(values[i])
      }
      continue
    }
    split(head, words, " ")
    struct = words[3]
    if (structs_only) { print struct; continue }
    growth = body ~ /^ *uint32_t size *[,;]/ ? "grows" : "fixed"
    printf "  printf(\"struct %s %%zu %s\\n\", sizeof(%s));\n", struct, growth, struct
    members(body)
  }
}

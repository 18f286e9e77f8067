# wrapper.awk: a C++ header of the SDK in, its chapter of the reference out: the opening comment, then what is public of each
# class and function, without bodies. Variables: name.

function say(line) { if (!code) { print "\n```cpp"; code = 1 } print line }
# The comment and the template head that stand before a declaration.
function say_before() { if (comment != "") say(comment); if (head != "") say(head); comment = head = "" }

# A declaration without its body, on one line.
function declaration(text) {
  while (text !~ /[{;]/ && (getline more) > 0) text = text " " more
  if (text ~ /\(/) sub(/ *\{.*/, "", text)
  sub(/;.*/, "", text); gsub(/[ \n\t]+/, " ", text); sub(/^ /, "  ", text)
  return text ";"
}

!opened && /^\/\// {
  line = substr($0, 4)
  if (NR == 1) { print "\n## " name "\n"; sub(/^[^:]*: /, "", line); line = toupper(substr(line, 1, 1)) substr(line, 2) }
  if (line ~ /^  /) { if (!listing) print "\n```text"; listing = 1; sub(/^  /, "", line) }
  else if (listing) { print "```\n"; listing = 0 }
  if (!listing) gsub(/zm::[a-z_]+<[a-z]+>|ZM_[A-Z_]+/, "`&`", line)
  print line
  next
}
!opened { opened = 1; if (listing) print "```" }

!inside && /^\/\/ / { comment = comment (comment == "" ? "" : "\n") $0; next }
!inside && /^template/ { head = $0; next }
/^(class|struct) [a-z_]+ \{/ {
  inside = 1; public = /^struct/; kind = $0; sub(/ \{.*/, "", kind)
  if (code) say("")
  say_before()
  say(kind " {"); next
}
inside && /^};/ { say("};"); inside = 0; comment = head = ""; next }
inside && /^ (public|protected|private):/ { public = /public/; comment = head = ""; next }
inside && public && /^  \/\/ / { comment = comment (comment == "" ? "" : "\n") $0; next }
inside && public && /^  template/ { head = $0; next }
inside && public && /^  [A-Za-z]/ {
  text = declaration($0)
  # What ZOMMA_STRATEGY and the trampolines need is nobody else's.
  if (text ~ /static_assert|explicit|= delete| create\(| bind\(| set_now\(| set_instruments\(/) { comment = head = ""; next }
  say_before()
  say(text); next
}
!inside && /^inline [a-z]/ {
  text = declaration($0); sub(/^inline /, "", text)
  say_before()
  say(text); next
}
!inside && /^constexpr auto parameters/ { comment = head = ""; next }
!inside && /^#define ZOMMA_/ {
  text = $0; sub(/ *\\$/, "", text); sub(/^#define /, "", text)
  if (code) say("")
  say_before()
  say(text); next
}
NF == 0 { comment = head = "" }

END { if (code) print "```" }

# SPDX-License-Identifier: MIT
# layering.awk: who may include whom. The first file lists the project's files, one a line; the
# others are its C files. Prints "file:line: rule" for every breach and exits 1 if there is one.
#
#   common/            only common/
#   protocol/          common/ and protocol/
#   server/, loadgen/  common/, protocol/ and themselves, so never one another
#   analysis/          common/ and itself
#   server/models/*.c  no other model, and no #if: what a model cannot do here its probe() says

BEGIN {
    may["common"] = " common "
    may["protocol"] = " common protocol "
    may["server"] = " common protocol server "
    may["loadgen"] = " common protocol loadgen "
    may["analysis"] = " common analysis "
}

# The list of files.
NR == FNR {
    exists[$0] = 1
    next
}

FNR == 1 {
    folder = FILENAME
    sub(/[^\/]*$/, "", folder)
    layer = FILENAME
    sub(/\/.*/, "", layer)
    is_model = FILENAME ~ /^server\/models\/[^\/]*\.c$/
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    included = $0
    sub(/^[^"]*"/, "", included)
    sub(/".*/, "", included)
    check_include(file_meant(included))
}

is_model && /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)([^a-z]|$)/ {
    breach("a model has no conditional compilation")
}

END {
    exit breaches > 0
}

# The project's file that #include "name" means, as the compiler looks for it; "" if it is none.
function file_meant(name,    beside) {
    beside = path_plain(folder name)
    if (beside in exists)
        return beside
    name = path_plain(name)
    return name in exists ? name : ""
}

# "a/../b/./c.h" is "b/c.h".
function path_plain(path) {
    gsub(/\/\.\//, "/", path)
    while (sub(/[^\/.][^\/]*\/\.\.\//, "", path))
        ;
    return path
}

function check_include(file,    upon) {
    upon = file
    sub(/\/.*/, "", upon)
    if (!(layer in may) || !(upon in may))
        return
    if (index(may[layer], " " upon " ") == 0)
        breach(layer "/ must not include " upon "/ (" file ")")
    else if (is_model && file ~ /^server\/models\// && is_page(file))
        breach("a model must not include another (" file ")")
}

# Another model's page, or a header that goes with one. What several models share has a header
# without a page of the same name.
function is_page(file,    page, own) {
    page = file
    sub(/\.[a-z]*$/, ".c", page)
    own = FILENAME
    return page != own && page in exists
}

function breach(rule) {
    print FILENAME ":" FNR ": " rule
    breaches++
}

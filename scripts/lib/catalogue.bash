# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# catalogue.bash: which models there are, which of them this muelle-server has, and what each can be
# tuned by: a server refuses an option that its model has no use for.
# shellcheck source=lib/build.bash
source "${BASH_SOURCE[0]%/*}/build.bash"

# `all` of an experiment, in the order of server/models.c; without `null`, which serves nobody.
CATALOGUE=(iterative fork-per-client prefork prefork-locked prefork-fdpass thread-per-client
    thread-pool prethreaded select poll epoll epoll-edge epoll-shared epoll-exclusive epoll-herd
    epoll-reuseport epoll-reuseport-fork epoll-handoff epoll-pool epoll-offload leader-follower
    staged coroutines libuv libuv-work io-uring io-uring-multishot io-uring-reuseport)

# Of the models this muelle-server has, the options each obeys: " --workers --queue ".
declare -gA model_options=()

# models_expand 'A all': the list with all models in the place of `all`.
models_expand()
{
    local word words=()

    for word in $1; do
        if [[ $word == all ]]; then
            words+=("${CATALOGUE[@]}")
        else
            words+=("$word")
        fi
    done
    printf '%s' "${words[*]}"
}

# catalogue_load: asks muelle-server what it has.
catalogue_load()
{
    local listing line model=''

    listing=$("$(program_path muelle-server)" --list-models --verbose) ||
        fail "muelle-server --list-models failed"
    model_options=()
    # "epoll    what it is", then "      --requests-per-turn --backlog; 200 workers".
    while IFS= read -r line; do
        if [[ $line =~ ^([^[:blank:]]+) ]]; then
            model=${BASH_REMATCH[1]}
            model_options[$model]=' '
        elif [[ -n $model ]]; then
            model_options[$model]=" ${line%%;*} "
        fi
    done <<<"$listing"
}

# model_obeys MODEL OPTION: whether this muelle-server's model has a use for --OPTION.
model_obeys()
{
    [[ ${model_options[$1]-} == *" --$2 "* ]]
}

# catalogue_names: of the models this muelle-server has.
catalogue_names()
{
    "$(program_path muelle-server)" --list-models | awk '{ printf "%s%s", (NR > 1 ? " " : ""), $1 }'
}

# SPDX-License-Identifier: MIT
# trial.jq: a trial as it is kept, from what the generator wrote: with the server's $counters (none of
# other people's servers), what became of $slow clients ("dribbling=3 deaf=2"), and what the machine
# did: $spinner, and the kernel's counters $before and $after, while the ends were on the cores
# $server and $client. One program for all of it, since jq takes longer to start than to do this.
#
# A note is a sentence on what the kernel did that changes what was measured. Where there are any,
# they are said on stderr, too.
def rise(key): ($after[key] // 0) - ($before[key] // 0);
def note(key; text): rise(key) as $by | select($by > 0) | "\($by) \(text)";
def machine:
    {
        pinning: { $server, $client }, $spinner, $before, $after,
        notes: [
            note("listen_overflows"; "times a listen queue was full: clients tried again a second later"),
            note("retransmitted_segments"; "segments were sent again"),
            note("throttled_periods"; "periods were throttled by a control group")
        ]
    }
    | if .notes != [] then . as $all | (.notes | stderr) | $all else . end;

if .format != "muelle-trial/2" then error("not a trial")
elif .server == null or ($counters | length) == 0 then .
else .server.counters = $counters[0]
end
| if $slow == "" then .
  else .slow_clients = ([$slow | split(" ")[] | split("=") | { key: .[0], value: (.[1] | tonumber) }]
      | from_entries)
  end
| .machine = machine

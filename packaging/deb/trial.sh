#!/bin/sh
# The trial of the package inside a clean Debian: one line a step in /root/report.
report=/root/report
: > "$report"
step() {
    name=$1
    shift
    if out=$("$@" 2>&1); then
        echo "ok     $name" >> "$report"
    else
        echo "FAULT  $name: $(printf %s "$out" | tail -n 5 | tr '\n' ' ')" >> "$report"
    fi
}
up() {
    for _ in $(seq 1 60); do
        curl -fsS http://127.0.0.1:8080/healthz > /tmp/health && return 0
        sleep 1
    done
    systemctl status jifang --no-pager
    journalctl -u jifang -n 20 --no-pager
    return 1
}
head_of() { jifang ledger verify --data /var/lib/jifang | grep -E '^(entries|root)'; }
grown() { head_of > /tmp/after && [ "$(awk '/^entries/{print $2}' /tmp/after)" -ge "$(awk '/^entries/{print $2}' /tmp/before)" ]; }
first_page() { curl -fsSL http://127.0.0.1:8080/ | grep -q 'name="csrf"'; }
not_root() { [ "$(stat -c %U "/proc/$(pidof jifang)")" = jifang ]; }
closed() { systemd-analyze security --no-pager --threshold=25 jifang.service; }
no_errors() { ! journalctl -u jifang --no-pager | grep -iE 'permission denied|operation not permitted|EPERM|panicked'; }

step "the service is active" systemctl is-active --quiet jifang
step "it answers" up
step "it does not run as root" not_root
step "the first page offers the setup" first_page
step "the unit leaves little open (systemd-analyze security)" closed
step "nothing it needs was refused to it" no_errors
step "data belong to the service alone" sh -c '[ "$(stat -c %U:%a /var/lib/jifang)" = jifang:700 ] && [ "$(stat -c %a /var/lib/jifang/keys/ledger.seed)" = 600 ]'
step "the configuration is not for everyone" sh -c '[ "$(stat -c %U:%G:%a /etc/jifang/jifang.toml)" = root:jifang:640 ]'
step "it stops" systemctl stop jifang
step "rows, containers and log fit" runuser -u jifang -- jifang check --config /etc/jifang/jifang.toml
head_of > /tmp/before
step "it starts again" systemctl start jifang
step "it answers again" up
step "the log went on" grown
step "kill -9 and it comes back" sh -c 'kill -9 $(pidof jifang); sleep 7; systemctl is-active --quiet jifang'
step "it answers after the kill" up
step "the package goes" dpkg --purge jifang
step "recordings, log and keys stay" sh -c 'test -s /var/lib/jifang/keys/ledger.seed && test -s /var/lib/jifang/ledger/checkpoint'
step "it can be installed again over them" dpkg -i /root/jifang.deb
step "it answers with the old log" up
step "the log is the same one" grown
echo end >> "$report"

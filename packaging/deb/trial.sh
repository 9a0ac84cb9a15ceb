#!/bin/sh
# The trial of the package inside a clean Debian: one line a step in /root/report.
report=/root/report
base=http://127.0.0.1:8080
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
        curl -kfsS "$base/healthz" > /tmp/health && return 0
        sleep 1
    done
    systemctl status jifang --no-pager
    journalctl -u jifang -n 20 --no-pager
    return 1
}
head_of() { jifang ledger verify --data /var/lib/jifang | grep -E '^(entries|root)'; }
grown() { head_of > /tmp/after && [ "$(awk '/^entries/{print $2}' /tmp/after)" -ge "$(awk '/^entries/{print $2}' /tmp/before)" ]; }
first_page() { curl -fsSL http://127.0.0.1:8080/ | grep -q 'name="code"'; }
# A form as a browser sends it: `send PAGE PATH STATUS name=value ...`, with the cookies and the token of its page.
send() {
    page=$1 path=$2 want=$3
    shift 3
    curl -kfsS -b /tmp/jar -c /tmp/jar "$base$page" > /tmp/page || return 1
    token=$(sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' /tmp/page | head -n 1)
    for field in "$@"; do
        set -- "$@" --data-urlencode "$field"
        shift
    done
    got=$(curl -ksS -o /tmp/answer -w '%{http_code}' -b /tmp/jar -c /tmp/jar --data-urlencode "csrf=$token" "$@" "$base$path")
    [ "$got" = "$want" ] || { echo "$path answered $got: $(grep -o '<span>[^<]*' /tmp/answer | tail -n 5)"; return 1; }
}
code() { # What the console said last.
    journalctl -u jifang -o cat --no-pager | sed -n 's/^setup-code \([A-Z0-9-]*\).*/\1/p' | tail -n 1
}
same_code() { [ -n "$(code)" ] && [ "$(code)" = "$(cat /var/lib/jifang/setup-code)" ]; }
set_up() {
    send /setup /setup "$2" "code=$1" site_name=试验 jurisdiction=heilongjiang name=管理员 login=admin \
        'password=four unrelated words' 'password_again=four unrelated words'
}
add_manager() {
    printf 'four unrelated words' | runuser -u jifang -- \
        jifang user --config /etc/jifang/jifang.toml add manager --role security_manager --name 周安
}
add_camera() {
    rm -f /tmp/jar
    send /login /login 303 login=manager 'password=four unrelated words' &&
        send /devices/new /devices/new 303 name=大堂 place=一层 place_kind=lobby faces_homes=no protocol=rtsp \
            url=rtsp://127.0.0.1:8554/live rtsp_user=camera rtsp_password=secret
}
records() {
    for _ in $(seq 1 60); do
        up && jq -e '.recording == 1' /tmp/health > /dev/null && return 0
        sleep 1
    done
    cat /tmp/health
    journalctl -u jifang -u trial-camera -n 20 --no-pager
    return 1
}
still_records() { sleep 25 && up && jq -e '.recording == 1' /tmp/health && [ "$(du -sk /var/lib/jifang/footage | cut -f1)" -gt 500 ]; }
trusted() { curl -fsS --cacert /var/lib/jifang/keys/pages.pem https://localhost:8080/healthz; }
sent_on() { [ "$(curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' http://127.0.0.1:8080/use)" = '308 https://127.0.0.1:8080/use' ]; }
reloads() {
    before=$(systemctl show -p MainPID --value jifang)
    systemctl reload jifang && sleep 2 && [ "$(systemctl show -p MainPID --value jifang)" = "$before" ] && up
}
backup=/var/backups/jifang
as_service() { runuser -u jifang -- "$@"; }
backs_up() { as_service jifang backup --config /etc/jifang/jifang.toml --to "$backup/$1" --passphrase-file "$backup/word"; }
# Everything but what is too large for a backup: footage and files of exports stay on their disk.
loses() { find /var/lib/jifang -mindepth 1 -maxdepth 1 ! -name footage ! -name exports -exec rm -rf {} +; }
restores() { as_service jifang restore --config /etc/jifang/jifang.toml --from "$backup/rest" --passphrase-file "$backup/$1"; }
refuses() { ! restores other && [ ! -e /var/lib/jifang/jifang.db ]; }
same_head() { head_of > /tmp/after && cmp /tmp/before /tmp/after; }
verdict() { checks | tr '\r' '\n' | tail -n 3; }
same_check() { verdict > /tmp/verdict.after && grep -q 'everything fits' /tmp/verdict.after && cmp /tmp/verdict /tmp/verdict.after; }
checks() { runuser -u jifang -- jifang check --config /etc/jifang/jifang.toml; }
not_root() { [ "$(stat -c %U "/proc/$(systemctl show -p MainPID --value jifang)")" = jifang ]; }
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
step "the setup code is in the journal and in its file" same_code
step "the first run refuses a wrong code" set_up AAAA-BBBB-CCCC 400
step "the first run takes the code" set_up "$(code)" 303
step "the code is gone" test ! -e /var/lib/jifang/setup-code
step "it stops" systemctl stop jifang
step "the security manager is added on the machine" add_manager
printf '\n[http.tls]\ngenerate = true\n' >> /etc/jifang/jifang.toml
base=https://127.0.0.1:8080
step "it starts with pages over TLS" systemctl start jifang
step "it answers over TLS" up
step "the certificate it made is good for who trusts it" trusted
step "who comes in clear is sent on" sent_on
step "the key is the service's alone" sh -c '[ "$(stat -c %U:%a /var/lib/jifang/keys/pages.pem)" = jifang:600 ]'
step "a reload leaves it running" reloads
systemd-run --quiet --unit=trial-camera -p User=nobody -p Environment=JIFANG_SIM_PASSWORD=secret \
    jifang sim camera --rtsp 127.0.0.1:8554 --user camera
step "a camera is added" add_camera
step "it records the camera under the unit" records
step "it goes on recording" still_records
step "nothing it needs was refused to it while recording" no_errors
step "it stops with footage" systemctl stop jifang
step "rows, containers and log fit" checks
head_of > /tmp/before
step "it starts again" systemctl start jifang
step "it answers again" up
step "the log went on" grown
step "kill -9 and it comes back" sh -c 'systemctl kill -s KILL jifang; sleep 7; systemctl is-active --quiet jifang'
step "it answers after the kill" up
step "it records again after the kill" records
install -d -m 0700 -o jifang -g jifang "$backup"
echo 'seven quiet herons on the ice' > "$backup/word"
echo 'eight quiet herons on the ice' > "$backup/other"
chown jifang:jifang "$backup/word" "$backup/other"
step "it is backed up while it runs" backs_up running
step "it stops before the loss" systemctl stop jifang
step "it is backed up at rest" backs_up rest
head_of > /tmp/before
verdict > /tmp/verdict
step "database, log and keys are lost" loses
step "another passphrase restores nothing" refuses
step "they are had back" restores word
step "the log has the head of before" same_head
step "rows, containers and log fit as before" same_check
step "it starts from the backup" systemctl start jifang
step "it answers from the backup" up
step "it records from the backup" records
systemctl stop trial-camera
step "the package goes" dpkg --purge jifang
base=http://127.0.0.1:8080
step "recordings, log and keys stay" sh -c 'test -s /var/lib/jifang/keys/ledger.seed && test -s /var/lib/jifang/ledger/checkpoint'
step "it can be installed again over them" dpkg -i /root/jifang.deb
step "it answers with the old log" up
step "the log is the same one" grown
echo end >> "$report"

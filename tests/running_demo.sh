# Sourced by the scripts that look at a running demo: starts it on ports of its own, since somebody may
# be looking at another, and waits until its feeds answer. Needs $lianbo, the program, and $work, a
# folder; sets $demo, its process, and $public and $admin, its addresses without a scheme.
read -r public admin < <(python3 - <<'PORTS'
import socket
sockets = [socket.socket() for _ in range(2)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(f"127.0.0.1:{one.getsockname()[1]}" for one in sockets))
PORTS
)
cp -r demo "$work/demo"
sed -i "s/127\.0\.0\.1:8700/$public/; s/127\.0\.0\.1:8701/$admin/" "$work/demo/config.toml"
"$lianbo" demo --folder "$work/demo" --data "$work/live" >"$work/out" 2>"$work/err" &
demo=$!
# 503 until the first items are published.
if ! curl --silent --show-error --fail --output /dev/null --retry 60 --retry-all-errors \
  --retry-delay 1 "http://$public/feeds/sheng.json" 2>"$work/curl"; then
  cat "$work/curl" "$work/err" >&2
  exit 1
fi

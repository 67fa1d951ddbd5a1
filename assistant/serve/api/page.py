"""A page in one piece: it asks for the token, keeps it in its memory alone, and shows what happens."""

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sotto Voce</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';
 connect-src 'self' ws: wss:">
<style>
 body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
 input { font: inherit; padding: .3rem .5rem; width: 70% } button { font: inherit; padding: .3rem .8rem }
 #now { color: #666 } li { margin: .4rem 0; list-style: none } ul { padding: 0 }
 .heard::before { content: "\\201c" } .heard::after { content: "\\201d" } .failed { color: #a00 }
 small { color: #888 }
</style>
<h1>Sotto Voce</h1>
<form id="enter"><input id="token" type="password" autocomplete="off"
 placeholder="the token (the file api.token of the data folder)"> <button>Enter</button></form>
<form id="order" hidden><input id="text" placeholder="an order, written"> <button>Send</button></form>
<p id="now"></p><ul id="turns"></ul>
<script>
const $ = id => document.getElementById(id);
let token = "", dialogue = String(Math.random()).slice(2);
function row(turn) {
  const item = document.createElement("li"), heard = document.createElement("span");
  heard.className = "heard"; heard.textContent = turn.heard;
  const rest = document.createElement("div"); rest.textContent = turn.reply;
  if (turn.failure) rest.className = "failed";
  const why = document.createElement("small");
  why.textContent = [turn.place, turn.room, turn.tier, turn.why].filter(Boolean).join(" · ");
  item.append(heard, rest, why); $("turns").prepend(item);
  while ($("turns").children.length > 50) $("turns").lastChild.remove();
}
function listen() {
  const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/v1/events",
    ["sotto.v1", "token." + token]);
  socket.onopen = () => { $("enter").hidden = true; $("order").hidden = false; };
  socket.onclose = () => {
    $("now").textContent = $("order").hidden ? "that is not the token" : "it is away; trying again";
    if (!$("order").hidden) setTimeout(listen, 3000);
  };
  socket.onmessage = message => {
    const it = JSON.parse(message.data);
    if (it.type === "now") $("now").textContent = it.devices + " devices at " + it.broker;
    if (it.type === "state") $("now").textContent = it.place + ": " + (it.muted ? "muted" : it.state);
    if (it.type === "partial") $("now").textContent = "… " + it.text;
    if (it.type === "part") $("now").textContent = it.name + ": " + it.health + " " + it.why;
    if (it.type === "turn" && (it.heard || it.reply)) row(it);
  };
}
$("enter").onsubmit = event => { event.preventDefault(); token = $("token").value.trim(); listen(); };
$("order").onsubmit = async event => {
  event.preventDefault(); const text = $("text").value; $("text").value = "";
  const answer = await fetch("/v1/ask", { method: "POST", body: JSON.stringify({ text, dialogue }),
    headers: { Authorization: "Bearer " + token, "Content-Type": "application/json" } });
  if (!answer.ok) $("now").textContent = (await answer.json()).detail;
};
</script></html>
"""

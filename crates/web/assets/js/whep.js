// @ts-check
/**
 * WHEP client: one live camera into one `<video>`.
 *
 * POST an offer to `/whep/<camera>`, 201 with the answer and `Location`; DELETE it when done. ICE host candidates only, all in the
 * offer (no trickle). Any loss reconnects with backoff for as long as the client is open. States go to `onState` as words.
 * Invariant: at most one peer connection per client; a stale attempt (older `turn`) never touches the video.
 */
import { Refused, signIn, t } from './lang.js';

/** @typedef {'connecting'|'live'|'waiting'|'refused'|'closed'} State */

export class Whep {
  /**
   * @param {string} camera
   * @param {HTMLVideoElement} video
   * @param {(state: State, words: string, more: string) => void} onState
   * @param {(bps: number) => void} onRate
   */
  constructor(camera, video, onState, onRate) {
    this.camera = camera;
    this.video = video;
    this.onState = onState;
    this.onRate = onRate;
    this.turn = 0;
    this.tries = 0;
    this.timer = 0;
    /** @type {RTCPeerConnection | null} */ this.peer = null;
    /** @type {string | null} */ this.place = null;
    this.bye = () => this.close();
    addEventListener('pagehide', this.bye);
    this.open();
  }

  async open() {
    const turn = ++this.turn;
    this.drop();
    this.onState('connecting', t('正在连接', 'Connecting'), '');
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.peer = peer;
    const stream = new MediaStream();
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addTransceiver('audio', { direction: 'recvonly' });
    peer.ontrack = (e) => { stream.addTrack(e.track); if (turn === this.turn) { this.video.srcObject = stream; this.video.play().catch(() => {}); this.seen(turn); } };
    peer.onconnectionstatechange = () => {
      if (turn !== this.turn) return;
      if (peer.connectionState === 'failed' || peer.connectionState === 'disconnected' || peer.connectionState === 'closed') this.later('');
    };
    try {
      await peer.setLocalDescription(await peer.createOffer());
      await gathered(peer, 1500);
      if (turn !== this.turn) return;
      await peer.setRemoteDescription({ type: 'answer', sdp: await this.offer(peer.localDescription?.sdp ?? '', turn) });
      if (turn !== this.turn) return;
      for (const receiver of peer.getReceivers()) {
        // A guard looks at now: nothing waits in a buffer.
        if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
        // The server's end of a session reaches the page here first, long before ICE gives up.
        const road = receiver.transport;
        if (road) road.onstatechange = () => { if (turn === this.turn && (road.state === 'closed' || road.state === 'failed')) this.later(''); };
      }
      this.watch(peer, turn);
    } catch (error) {
      if (turn !== this.turn) return;
      if (error instanceof Refused && [401, 403, 415, 451].includes(error.status)) {
        this.drop();
        this.onState('refused', error.message, error.next);
        return;
      }
      this.later(error instanceof Refused ? error.message : '');
    }
  }

  /** Live as soon as a picture is seen. @param {number} turn */
  seen(turn) {
    const look = () => { if (turn === this.turn) this.onState('live', t('实时', 'Live'), ''); };
    if ('requestVideoFrameCallback' in this.video) this.video.requestVideoFrameCallback(look);
  }

  /** Sends the offer, gives the answer. @param {string} sdp @param {number} turn */
  async offer(sdp, turn) {
    const answer = await fetch(`/whep/${encodeURIComponent(this.camera)}`, { method: 'POST', headers: { ...csrf(), 'content-type': 'application/sdp', accept: 'application/sdp, application/json' }, body: sdp });
    if (answer.status === 401) signIn();
    if (answer.status !== 201) throw new Refused(answer.status, await answer.json().catch(() => null));
    const place = answer.headers.get('location');
    if (turn !== this.turn) { if (place) end(place); throw new Error('stale'); }
    this.place = place;
    const hush = answer.headers.get('x-jifang-no-sound');
    this.video.title = hush ? t(`依法不得监听（${hush}）：只有画面，没有声音。`, `The law does not allow hearing here (${hush}): pictures only.`) : '';
    return answer.text();
  }

  /** Every 2 s: bit rate; a picture that stands still for 8 s while connected is lost. @param {RTCPeerConnection} peer @param {number} turn */
  watch(peer, turn) {
    let bytes = 0;
    let frames = -1;
    let still = 0;
    const look = async () => {
      if (turn !== this.turn) return;
      const stats = await peer.getStats();
      let nowBytes = 0;
      let nowFrames = 0;
      stats.forEach((s) => { if (s.type === 'inbound-rtp') { nowBytes += s.bytesReceived ?? 0; if (s.kind === 'video') nowFrames = s.framesDecoded ?? 0; } });
      if (turn !== this.turn) return;
      if (nowFrames > 0 && nowFrames !== frames) { still = 0; this.tries = 0; this.onState('live', t('实时', 'Live'), ''); } else if (++still >= 4 && !this.video.paused) { this.later(t('已连接但没有画面', 'connected, but no picture comes')); return; }
      this.onRate(Math.max(0, (nowBytes - bytes) * 4));
      bytes = nowBytes;
      frames = nowFrames;
      this.timer = window.setTimeout(look, 2000);
    };
    this.timer = window.setTimeout(look, 700);
  }

  /** Tries again after a while: 1, 2, 4, 8, 15 s with jitter. @param {string} why */
  later(why) {
    this.turn++;
    this.drop();
    const wait = Math.min(15000, 1000 * 2 ** Math.min(this.tries++, 4)) * (0.75 + Math.random() / 2);
    this.onState('waiting', t('没有画面，正在重连', 'No picture, reconnecting'), why);
    this.timer = window.setTimeout(() => this.open(), wait);
  }

  /** Ends this attempt, not the client. The peer goes after the server knows: it would take the peer's farewell for the end. */
  drop() {
    clearTimeout(this.timer);
    const { peer, place } = this;
    this.peer = null;
    this.place = null;
    if (place) end(place).finally(() => peer?.close()); else peer?.close();
  }

  /** Ends the client for good. */
  close() {
    this.turn++;
    this.drop();
    removeEventListener('pagehide', this.bye);
    if (this.video.srcObject) this.video.srcObject = null;
    this.onState('closed', '', '');
  }
}

/** @param {string} place */
function end(place) {
  return fetch(place, { method: 'DELETE', headers: csrf(), keepalive: true }).catch(() => {});
}

const csrf = () => ({ 'x-csrf': document.querySelector('meta[name=csrf]')?.getAttribute('content') ?? '' });

/** All host candidates are in, or the time is over (what is there then is enough on one network). @param {RTCPeerConnection} peer @param {number} most_ms */
function gathered(peer, most_ms) {
  return new Promise((done) => {
    if (peer.iceGatheringState === 'complete') { done(null); return; }
    const timer = setTimeout(done, most_ms);
    peer.addEventListener('icegatheringstatechange', () => { if (peer.iceGatheringState === 'complete') { clearTimeout(timer); done(null); } });
  });
}

import { readFileSync } from 'node:fs';
import { encodeBatch } from '@kubeshark/model';
import { Pipeline } from '@kubeshark/worker';
const f=readFileSync('/tmp/h95.pcap');
const mode=process.argv[2];
function run(){
  let n=0, num=0;
  const places=[{worker:'b',interface:'f',source:'file' as const,addresses:[]}];
  const p=new Pipeline({onBatch:(r,c)=>{n+=c; if(mode!=='noenc') encodeBatch({number:++num,count:c,records:r,places,losses:[]});}});
  const d=p.dissector;
  const t=process.cpuUsage(); const w=performance.now();
  let at=24;
  while(at<f.length){ const cap=f.readUInt32LE(at+8); const time=f.readUInt32LE(at)*1e6+f.readUInt32LE(at+4); d.packet(f,at+16,at+16+cap,cap,time,1,0,-1); at+=16+cap; }
  p.end();
  const u=process.cpuUsage(t);
  console.log(mode, n, 'wall', ((performance.now()-w)/95).toFixed(2),'us/call user', (u.user/95e3).toFixed(2),'sys',(u.system/95e3).toFixed(2));
}
for(let i=0;i<6;i++) run();

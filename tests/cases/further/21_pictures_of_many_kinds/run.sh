#!/usr/bin/env bash
# KIND    Data
# HIT     WebP, TIFF and GIF faces; JPEGs cut in their last scan, with zeros inside, with an end mark after a cut; a turned picture for features.
# SHOULD  Good ones are read, broken ones refused and named, turned ones upright.
. "$(dirname "$0")/../../reliability/lib.sh"
python3 - "$W" <<'P'
import os,sys,io
from PIL import Image
w=sys.argv[1]; os.makedirs(w+'/p'); im=Image.effect_noise((96,96),60).convert('RGB')
for e in ('webp','tiff','gif','png','jpg'): im.save(f'{w}/p/ok.{e}')
b=io.BytesIO(); im.save(b,'JPEG',quality=95); j=b.getvalue(); n=len(j)
open(w+'/p/half.jpg','wb').write(j[:n//2]); open(w+'/p/ended.jpg','wb').write(j[:n*6//10]+b'\xff\xd9'); open(w+'/p/tail.jpg','wb').write(j+bytes(500))
c=io.BytesIO(); im.save(c,'JPEG',quality=95,progressive=True); open(w+'/p/prog.jpg','wb').write(c.getvalue()[:len(c.getvalue())*6//10])
t=Image.new('RGB',(40,80),(250,0,0)); ex=Image.Exif(); ex[0x112]=6; t.save(w+'/p/turned.jpg',exif=ex)
P
[ -d "$W/p" ] || could_not_run "Python has no pillow"
for f in ok.webp ok.tiff ok.gif ok.png ok.jpg tail.jpg; do run f "$METAFAS" features color_lbp "$W/p/$f" "$W/o.png"; check "$f is read" is_rc f 0; done
for f in half.jpg ended.jpg prog.jpg; do rm -f "$W/o.png"; run f "$METAFAS" features color_lbp "$W/p/$f" "$W/o.png"; check "$f is refused" is_rc f 2; done
rm -f "$W/o.png"; run f "$METAFAS" features color_lbp "$W/p/turned.jpg" "$W/o.png"; check "a picture that says it is turned is made upright (80 x 40)" python3 -c "
from PIL import Image;import sys;s=Image.open('$W/o.png').size;print(s);sys.exit(s!=(80,40))"

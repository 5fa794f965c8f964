"""Score files with species of several spellings, with five faces that are told apart, and with constant scores."""
import sys
w = sys.argv[1]
h = 'claimed_id,test_label,is_bonafide,attack_type,sample_n,score\n'
names = ('replay', 'Replay', ' replay ', 'replay\t', 'replay\u00a0')
live = ['a%d,l%d,True,,0,%g\n' % (i, i, 0.9 if i else 0.2) for i in range(10)]
attacks = ['b%d,s%d,False,%s,0,%g\n' % (i, i, names[i % 5], 0.1 if i > 1 else 0.95) for i in range(20)]
open(w + '/species.csv', 'w', encoding='utf-8').write(h + ''.join(live + attacks))
five = ['a%d,l%d,True,,0,%g\n' % (i, i, 0.8 + i / 100) for i in range(3)] + ['b%d,s%d,False,print,0,%g\n' % (i, i, 0.1 + i / 100) for i in range(2)]
open(w + '/five.csv', 'w').write(h + ''.join(five))
constant = ['a%d,l%d,True,,0,0.5\n' % (i, i) for i in range(5)] + ['b%d,s%d,False,print,0,0.5\n' % (i, i) for i in range(5)]
open(w + '/const.csv', 'w').write(h + ''.join(constant))

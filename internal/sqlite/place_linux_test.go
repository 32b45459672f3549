package sqlite

import "testing"

func TestANetworkShareIsRefusedAndALocalDiskIsNot(t *testing.T) {
	for name, number := range map[string]int64{"NFS": 0x6969, "CIFS": 0xff534d42, "CIFS on 32 bits": -0xacb2be, "SMB2": 0xfe534d42} {
		err := localType(number)
		if err == nil {
			t.Errorf("%s was taken", name)
			continue
		}
		wantSentence(t, explain("/données/state.db", err), textUnsafe)
	}
	for name, number := range map[string]int64{"ext4": 0xef53, "btrfs": 0x9123683e, "overlay": 0x794c7630, "tmpfs": 0x01021994, "xfs": 0x58465342} {
		if err := localType(number); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := local(t.TempDir()); err != nil {
		t.Errorf("where tests run: %v", err)
	}
}

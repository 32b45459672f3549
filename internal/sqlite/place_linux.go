package sqlite

import "syscall"

// networks are the file systems on which WAL is not safe, by the number statfs
// gives (man 2 statfs): the memory that connections share is not shared by machines,
// and their locks are a promise.
var networks = map[int64]string{
	0x6969:     "NFS",
	0x517b:     "SMB",
	0xff534d42: "CIFS",
	0xfe534d42: "SMB2",
}

// local refuses a folder on a network share.
func local(folder string) error {
	var at syscall.Statfs_t
	if err := syscall.Statfs(folder, &at); err != nil {
		return err
	}
	return localType(int64(at.Type))
}

func localType(number int64) error {
	if name, ok := networks[number&0xffffffff]; ok {
		return &notInForce{name: "the file system", got: name, want: "a local disk"}
	}
	return nil
}

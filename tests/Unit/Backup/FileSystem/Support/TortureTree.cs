namespace ProdOps.Backup.Tests.FileSystem;

/// <summary>Files with every oddity the format has to carry. What needs root is left out for others.</summary>
internal static class TortureTree
{
    public static void Make(string folder) => Shell.Run(folder, Script, ("ROOT", Requirements.IsRoot ? "1" : ""));

    private const string Script = """
        umask 022
        mkdir names links special modes times attributes 'empty folder'
        cd names
        for name in $'new\nline' 'quo"te' 'back\slash' $'tab\there' $'\a\b\f\v\r' $'\x01\x1f\x7f' $'invalid\xff\xfe' $'cut\xe2\x82' \
            $'surrogate\xed\xa0\x80' $'overlong\xc0\xaf' $'line\u2028separator' $'nb\u00a0sp' $'soft\u00adhyphen' $'emoji\U1f600' \
            $'private\ue000' $'plane15\Uf0000' $'replacement\ufffd' $'combining e\u0301' '<html>&amp;' "apostrophe'" ' leading' 'trailing ' \
            '...' '-dash' $'zero\u200bwidth' $'\u4e2d\u6587' '$HOME' '*' '\x41' '\u0041' '~'; do
            printf '%s' "$name" > "./$name"
        done
        printf long > "$(printf 'n%.0s' {1..255})"
        printf long > "$(printf '\xfe%.0s' {1..255})"
        cd ../links
        ln -s target plain
        ln -s $'bad\xff\xfetarget' $'name\xff'
        ln -s $'quo"te\\ <&>\ttab\nline \u2028 \x01\x7f' odd
        ln -s "$(printf 'd/%.0s' {1..2000})" long
        ln -s . self
        printf shared > first; ln first second; ln first $'third\xff'
        cd ../special
        mkfifo -m 640 fifo
        if [ -n "$ROOT" ]; then mknod block b 7 200; mknod char c 1 3; mknod big c 511 1048575; fi
        cd ../modes
        i=0; for mode in 0000 0400 0644 0755 1777 2755 4755 6755 7777 4644 0777; do printf x > f$mode; chmod $mode f$mode; mkdir d$mode; chmod $mode d$mode; done
        if [ -n "$ROOT" ]; then printf x > owned; chown 12345:54321 owned; printf x > huge; chown 4294967294:4294967294 huge; fi
        [ -n "$ROOT" ] || chmod u+rx f* d*
        cd ../times
        for time in 0 -1 -86400.5 -2000000000.000000001 1.000000001 1234567890.120000000 1234567890.123456789 2147483648 4102444800.999999999 1711846799 1711846800 1729990800; do
            : > "t$time"; touch -d "@$time" "t$time"
        done
        touch -d '@1500000000.1' -a both; touch -d '@1600000000.25' -m both
        cd ../attributes
        touch empty-value binary acl several
        setfattr -n user.empty empty-value
        setfattr -n user.binary -v 0x00ff0a22 binary
        setfattr -n $'user.<odd>"\xc3\xa9' -v $'v' binary
        for i in 1 2 3 4 5; do setfattr -n user.n$i -v "$(printf 'v%.0s' {1..300})" several; done
        mkdir dir; setfattr -n user.folder -v yes dir
        setfacl -m u:1234:rwx,g:99:r acl 2>/dev/null || true
        setfacl -d -m u:1234:rx dir 2>/dev/null || true
        if [ -n "$ROOT" ]; then cp /bin/true capable; setcap cap_net_bind_service+ep capable; setfattr -n trusted.secret -v t several; fi
        cd ..
        touch empty; printf 'some content' > file; truncate -s 3000000 sparse; printf end >> sparse
        """;
}

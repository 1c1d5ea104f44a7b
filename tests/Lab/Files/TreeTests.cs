namespace ProdOps.Lab.Tests.Files;

/// <summary>Folders on their way to hosts and back.</summary>
[Collection(LabCollection.Name)]
public sealed class TreeTests(Fleet fleet)
{
    // Every name a Linux file can have, every mode that means something, links inside and out; and many small files.
    private const string Make = """
        cd "$1"
        mkdir -p many 'with space' closed set; for i in $(seq "$2"); do echo $i > many/$i; done
        echo 1 > $'new\nline'; echo 2 > -rf; echo 3 > $'not-utf8-\xff\xfe'; echo 4 > '$(touch evil)`id`;"'"'"; echo 5 > "$(printf 'x%.0s' $(seq 255))"; echo 6 > ' '; echo 7 > 'ä€'; echo 8 > '*'; echo 9 > '\'
        mkdir $'folder-\xff\n'; echo 10 > $'folder-\xff\n/file'; echo 11 > .hidden; mkdir -p empty
        ln -s ../../../../etc/passwd out; ln -s nowhere dangling; ln -s many inside; ln -s $'new\nline' $'link\n'; ln many/1 hard
        echo setuid > set/uid; chmod 4750 set/uid; chmod 3777 set; echo none > closed/file; chmod 0 closed/file; chmod 500 closed
        touch -d '2001-02-03 04:05:06.789' many/7; touch -h -d '2002-02-03 04:05:06' out; touch -d '1999-12-31 23:59:59' empty
        """;

    // What BusyBox does not keep is not compared: fractions of seconds, and times of links.
    private const string List = """
        cd "$1"; export LC_ALL=C PATH=/usr/bin:/bin
        find . \( -type l -printf '%y %P -> %l\0' \) -o -printf '%y %m %n %Ts %P\0' | sed -zE 's/^(d [0-7]+) [0-9]+/\1/' | sort -z | tr '\n\0' '\1\n' | cat -v
        find . -type f -print0 | sort -z | xargs -0 sha256sum -z | tr '\n\0' '\1\n' | cat -v
        """;

    [LabTheory]
    [InlineData("web1", 1500)]
    [InlineData("bare1", 150)]
    public async Task A_tree_of_hostile_names_goes_to_a_host_and_back_whatever_tools_it_has(string name, int files)
    {
        var host = await UpAsync(name);
        using var admin = new Admin(host);
        string tree = Directory.CreateDirectory(Path.Combine(admin.Folder, "tree")).FullName, back = Path.Combine(admin.Folder, "back");
        await Machine.RunAsync(Make, tree, $"{files}");
        var sent = Assert.Single((await admin.RunAsync($"Copy-ServerItem tree /srv/hostile/tree -Server {name}")).Clean);
        Assert.Equal(true, sent.Properties["Verified"].Value);
        string expected = await Machine.RunAsync(List, tree);
        Assert.Equal(expected, await host.RunAsync($"set -- /srv/hostile/tree\n{List}"));
        Assert.Equal("tree", await host.RunAsync("ls -A /srv/hostile"));

        Assert.Single((await admin.RunAsync($"Copy-ServerItem /srv/hostile/tree back -FromServer {name}")).Clean);
        Assert.Equal(expected, await Machine.RunAsync(List, back));
        // The second time there is nothing to do, and nothing is done.
        var again = (await admin.RunAsync($"Copy-ServerItem tree /srv/hostile/tree -Server {name}; Copy-ServerItem /srv/hostile/tree back -FromServer {name}")).Clean;
        Assert.Equal([0L, 0L], again.Select(copy => copy.Properties["Files"].Value));
        Assert.Equal(expected, await host.RunAsync($"set -- /srv/hostile/tree\n{List}"));
        Assert.Equal("back environment.psd1 tree", string.Join(' ', (await Machine.RunAsync("ls -A \"$1\"", admin.Folder)).Split('\n')));
        await host.RunAsync("rm -rf /srv/hostile");
    }

    [LabFact]
    public async Task A_mirror_shows_first_what_it_would_delete_and_keeps_owners_as_root_through_sudo()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("ops", "sudo=nopassword");
        using var admin = new Admin("ops", host);
        // Names count on the way there: www-data is the same account on every Debian, and 4711 is nobody's.
        await Machine.RunAsync("cd \"$1\"; mkdir -p site/css; echo new > site/index; echo c > site/css/main; chown 4711:4712 site/css/main; chown -h www-data:www-data site/index", admin.Folder);
        await host.RunAsync("rm -rf /srv/site; mkdir -p /srv/site/old; echo old > /srv/site/index; echo gone > /srv/site/old/page; echo gone > '/srv/site/-stale'; chmod 700 /srv/site");
        try
        {
            string before = await host.RunAsync(Owners);
            var denied = await admin.RunAsync("Copy-ServerItem site /srv/site -Server web1 -Delete -Confirm:$false");
            Assert.Contains(denied.ErrorId, new[] { "AccessDenied", "DestinationNotWritable" });

            const string Copy = "Copy-ServerItem site /srv/site -Server web1 -AsRoot -PreserveOwner -Delete";
            var steps = (await admin.RunAsync($"{Copy} -WhatIf")).Clean.Select(step => $"{step.Properties["Action"].Value} {step.Properties["Path"].Value}").Order(StringComparer.Ordinal);
            Assert.Equal(["Create /srv/site/css", "Create /srv/site/css/main", "Delete /srv/site/-stale", "Delete /srv/site/old", "Replace /srv/site/index"], steps.Where(step => !step.StartsWith("Metadata", StringComparison.Ordinal)));
            Assert.Equal(before, await host.RunAsync(Owners));

            var copied = Assert.Single((await admin.RunAsync($"{Copy} -Confirm:$false")).Clean);
            Assert.Equal(2L, copied.Properties["Deleted"].Value);
            Assert.Equal("css root:root\ncss/main 4711:4712\nindex www-data:www-data", await host.RunAsync(Owners));
            Assert.Equal("new c", await host.RunAsync("echo $(cat /srv/site/index /srv/site/css/main)"));

            // And back, where numbers count.
            Assert.Single((await admin.RunAsync("Copy-ServerItem /srv/site back -FromServer web1 -AsRoot -PreserveOwner")).Clean);
            Assert.Equal("4711:4712", await Machine.RunAsync("stat -c %u:%g \"$1/back/css/main\"", admin.Folder));
        }
        finally
        {
            await host.RunAsync("rm -rf /srv/site");
        }
    }

    [LabFact]
    public async Task A_host_that_lies_puts_nothing_outside_of_the_destination()
    {
        var host = await fleet.UpAsync("web1");
        await host.AccountAsync("liar");
        // Every tool that the account calls is its own: sshd's bash reads this file first.
        await host.RunAsync("""
            cd ~liar; rm -rf bin data evil; mkdir -p bin data/sub evil; echo good > data/good; echo below > data/sub/file; ln -s /tmp/prodops-escaped evil/sub; echo bad > evil/file; echo bad > evil/good
            printf 'PATH=$HOME/bin:$PATH\n' > .bashrc
            printf '#!/bin/sh\ncase $1 in --version) exec /bin/tar --version;; esac\ncat > /dev/null\nexec cat ~/evil.tar\n' > bin/tar
            chmod 755 bin/tar; chown -R liar: .
            """);
        using var admin = new Admin("liar", host);
        string[] archives =
        [
            "tar -P --transform 's|^file|../../escaped|' -cf ../evil.tar file",
            "tar -P --transform 's|^file|/tmp/prodops-escaped|' -cf ../evil.tar file",
            "tar -P --transform 's|^file|./sub/../../escaped|' -cf ../evil.tar file",
            // A link in the place of a folder, and then a file through it.
            "tar -cf ../evil.tar sub; tar --transform 's|^file|sub/file|' -rf ../evil.tar file",
            "tar --transform 's|^sub|good|' -cf ../evil.tar sub; tar -rf ../evil.tar good",
            // A hard link to a file of the admin's.
            "ln /etc/hostname linked; tar -P --transform 's|etc/hostname|etc/passwd|' -cf ../evil.tar /etc/hostname linked; rm linked",
        ];
        await Machine.RunAsync("rm -rf /tmp/prodops-escaped");
        foreach (string archive in archives)
        {
            await host.RunAsync($"cd ~liar/evil; {archive}");
            var answer = await admin.RunAsync("Copy-ServerItem data copy -FromServer web1");
            Assert.NotEmpty(answer.Errors);
            Assert.All(answer.Errors, error => Assert.Contains(error.FullyQualifiedErrorId.Split(',')[0], new[] { "ArchiveHostile", "ItemNotCopied", "ArchiveDamaged" }));
            string found = await Machine.RunAsync("cd \"$1\"; ls -A; ls -dA /tmp/prodops-escaped escaped ../escaped 2>/dev/null || true; if [ -d copy ]; then find copy -type l -o -type f -exec grep -l bad {} +; fi; rm -rf copy", admin.Folder);
            Assert.Equal("environment.psd1", found.Replace("copy\n", "", StringComparison.Ordinal));
        }

        // A listing that names what is outside.
        await host.RunAsync("printf '#!/bin/sh\\n/usr/bin/find \"$@\" | sed -z \"s|^[.]/good$|./../escaped|\"\\n' > ~liar/bin/find; chmod 755 ~liar/bin/find; rm ~liar/bin/tar");
        Assert.Equal("ListingNotUnderstood", (await admin.RunAsync("Copy-ServerItem data copy -FromServer web1")).ErrorId);
        Assert.Equal("environment.psd1", await Machine.RunAsync("ls -A \"$1\"", admin.Folder));
    }

    private const string Owners = "cd /srv/site && find . -mindepth 1 -printf '%P %u:%g\n' | sort";

    // One host without bash and with BusyBox's tools alone in the way of GNU's.
    private async Task<LabHost> UpAsync(string name)
    {
        var host = await fleet.UpAsync(name);
        if (name != "bare1") return host;
        await host.UseBusyBoxAsync();
        await host.AccountAsync("root", "shell=/usr/local/bin/ash");
        await host.RunAsync("rm -f /bin/bash");
        return host;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ProdOps.Lab.Tests.Shop;

/// <summary>Something that happens to the shop, and what is right about it.</summary>
/// <param name="Name">What happens.</param>
/// <param name="Break">Makes it happen.</param>
/// <param name="Mend">The one command that mends it; it is told since when it is so.</param>
internal sealed record Mishap(string Name, Func<ShopFixture, Task> Break, Func<ShopFixture, string, Task> Mend)
{
    /// <summary>How the title of the one message begins that is sent of it; none where nobody is left to tell, or somebody is told at the prompt.</summary>
    public string? Told { get; init; }

    /// <summary>What that message shows of what was seen at that moment.</summary>
    public string Shows { get; init; } = "";

    /// <summary>What the timeline must have among the first three causes.</summary>
    [StringSyntax(StringSyntaxAttribute.Regex)]
    public string? Cause { get; init; }

    /// <summary>How long clients may be without a good answer until it is mended; none where nothing but the mending ends it.</summary>
    public TimeSpan? Gap { get; init; }

    /// <summary>Whether orders that were taken go with it: those since the newest backup.</summary>
    public bool TakesOrders { get; init; }

    /// <summary>Whether what proves that the shop is ready goes with it, as far as it is newer than the newest backup of ops.</summary>
    public bool TakesProofs { get; init; }

    /// <summary>The minutes of the hour at which backups are due that fail while it is so, which would be told too.</summary>
    public int[] Backups { get; init; } = [];

    /// <summary>What is put back, or looked at, afterwards.</summary>
    public Func<ShopFixture, Task>? After { get; init; }

    /// <summary>All that can happen.</summary>
    public static Mishap[] All { get; } =
    [
        new("the table of orders is dropped", shop => shop["db1"].RunAsync("runuser -u postgres -- psql -q shop -c 'drop table orders'"),
            // Not the newest: the schedule makes backups without it meanwhile.
            (shop, since) => OpsAsync(shop, $"Restore-BackupDatabase latest -Before {since} -Repository local -Tag set:db -PostgreSql shop -ToServer db1 -Force -Confirm:$false"))
        {
            Told = "db1 orders", Cause = "^db1 .*drop table", TakesOrders = true,
        },
        Plug("lb1", TimeSpan.FromSeconds(15)), Plug("lb2", TimeSpan.FromSeconds(15)),
        // The update itself finds it out on the first server, and tells who deploys; the timeline has it for all others.
        new("a release cannot place orders", async shop =>
        {
            string said = await shop.OnOpsAsync("sed 's/insert into orders/insert into order/' /etc/prodops/app/shop.py >/root/bad.py; prodops -File /etc/prodops/deploy.ps1 /root/bad.py 2>&1 && exit 1 || true");
            Assert.Matches("web[12] failed in Settle", said);
            Assert.Matches("^web[12] .*Settle", await OpsAsync(shop, "Get-Timeline -Last 2m -Kind Deployment | Where-Object Severity -ne Info | ForEach-Object { \"$($_.Server) $($_.Text)\" }"));
        }, (shop, _) => shop.OnOpsAsync("prodops -File /etc/prodops/deploy.ps1 -Back"))
        {
            // The server that has the release is asked for a few seconds, by turns with the other.
            Gap = Application,
            After = async shop => Assert.Equal("0", await OpsAsync(shop, "@(Get-BackendServer | Where-Object State -ne Up).Count")),
        },
        new("the cable of web2 is cut", shop => shop["web2"].CutAsync(), (shop, _) => shop["web2"].PlugAsync())
        {
            Told = "web2 cannot be reached", Cause = "^web2 .*cannot be reached", Gap = Application, Backups = Uploads,
        },
        Plug("web1", Application) with { Backups = Uploads }, Plug("web2", Application) with { Backups = Uploads },
        new("PostgreSQL is killed", shop => shop["db1"].RunAsync("systemctl kill -s KILL postgresql@15-main"), (shop, _) => OpsAsync(shop, "Restore-Server db1 -Step server -Confirm:$false"))
        {
            Told = "db1 service postgresql@15-main", Cause = "^db1 .*(postgresql|PostgreSQL)", Backups = Database,
        },
        Plug("db1", null) with { TakesOrders = true, Backups = Database },
        Plug("offsite", TimeSpan.Zero) with { Backups = [.. Database, .. Uploads, 20, 50] },
        new("the disk for uploads of web1 is full", async shop =>
        {
            await shop["web1"].RunAsync("mount -t tmpfs -o size=8m none /srv/uploads; chown shop: /srv/uploads; head -c 20M /dev/zero >/srv/uploads/filled || true");
            using var client = new HttpClient();
            using var refused = await client.PutAsync($"http://{shop["web1"].Address}:8080/uploads/photo.jpg", new StringContent(new string('x', 100_000)));
            Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);
        }, (shop, _) => OpsAsync(shop, "Invoke-ServerCommand \"rm /srv/uploads/filled\" -Server web1 -AsRoot"))
        {
            Told = "web1 disk.used /srv/uploads", Shows = "/srv/uploads/filled", Cause = "^web1 .*upload: No space left", Gap = TimeSpan.Zero,
            After = async shop =>
            {
                await shop["web1"].RunAsync("umount -l /srv/uploads");
                // A round that had begun before may still measure it.
                await Logging.LogAdmin.UntilAsync(async () => await OpsAsync(shop, "@(Get-Metric disk.used -Server web1 -Instance /srv/uploads -Last 8s -ErrorAction Ignore).Count") == "0", () => "it is measured no more");
                await OpsAsync(shop, "Remove-HealthCheck web1 disk.*, inode.* /srv/uploads -Reason \"it was taken out\" -Force -Confirm:$false");
            },
        },
        new("ops loses its power", shop => shop["ops"].KillAsync(), async (shop, _) =>
        {
            await shop["ops"].BlankAsync();
            shop.LearnHostKeys();
            await shop.RunAsync("up.ps1", "ops");
        })
        {
            Gap = TimeSpan.Zero,
            TakesProofs = true,
            After = async shop =>
            {
                Assert.Equal("active\nactive", await shop["ops"].RunAsync("systemctl is-active prodops-health-monitor prodops-log-receiver"));
                Assert.NotEqual("0", await shop.OnOpsAsync("cd /etc/prodops; prodops -Command '@(Get-Backup -Repository local).Count'"));
            },
        },
    ];

    private static int[] Database => [0, 30];

    private static int[] Uploads => [10, 40];

    // A server of two that fails some requests is out after its checks, and its share is served by the other in the meantime.
    private static TimeSpan Application => TimeSpan.FromSeconds(10);

    /// <summary>Carries out a command of the shop's environment on ops.</summary>
    public static Task<string> OpsAsync(ShopFixture shop, string command) => shop.OnOpsAsync($"cd /etc/prodops; prodops -Command '{command}'");

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>A server is lost, and a blank host in its place is made what it was.</summary>
    private static Mishap Plug(string server, TimeSpan? gap) => new($"{server} loses its power", shop => shop[server].KillAsync(), async (shop, _) =>
    {
        await shop[server].BlankAsync();
        shop.LearnHostKeys();
        await shop["ops"].RunAsync("cat >/etc/prodops/secrets/known_hosts", await File.ReadAllTextAsync(Fleet.KnownHosts));
        await shop.OnOpsAsync($"prodops -File /etc/prodops/up.ps1 {server}");
    })
    {
        Told = $"{server} cannot be reached", Cause = $"^{server} .*cannot be reached", Gap = gap,
    };
}

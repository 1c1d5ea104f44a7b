using System.Collections;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Retention;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Retention;

public sealed class RetentionRunTests
{
    [Fact]
    public async Task In_a_place_elsewhere_too_a_forged_time_is_found_by_when_its_file_was_written_and_one_list_is_enough()
    {
        using var folder = new TemporaryFolder();
        var counting = new CountingStorage(new LocalStorage(folder["repository"], TimeProvider.System));
        await using var repository = await TestRepository.CreateAsync(new ResilientStorage(counting, PlaceLab.QuickRetries, TimeProvider.System, SilentActivity.Instance));
        var now = TimeProvider.System.GetUtcNow();
        var ids = new List<ObjectId>();
        foreach (double days in (double[])[-400, -0.2, -0.1])
        {
            ids.Add(await repository.WriteSnapshotAsync(
                new SnapshotFile { Time = Rfc3339Time.From(now.AddDays(days)), Tree = ObjectId.Of("tree"u8), HostName = "web1", Paths = ["/etc"], Summary = new SnapshotSummary { TotalFilesProcessed = 20 } },
                default));
        }

        counting.Lists = 0;
        var request = new RetentionRequest { Policy = RetentionPolicy.Parse(new Hashtable { ["Yearly"] = 1 }), Guards = RetentionGuard.Time };
        var plan = await new RetentionRun(repository, request, SilentActivity.Instance).PlanAsync(default);
        Assert.Equal(1, counting.Lists);
        Assert.Contains("its file was written only on", Assert.Single(plan.Single(decision => decision.Candidate.Snapshot.Id == ids[0]).Remarks));
        Assert.Empty(plan.Single(decision => decision.Candidate.Snapshot.Id == ids[2]).Remarks);
    }

    private sealed class CountingStorage(IStorage inner) : DelegatingStorage(inner)
    {
        public int Lists { get; set; }

        public override IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellationToken)
        {
            Lists++;
            return base.ListAsync(kind, cancellationToken);
        }
    }
}

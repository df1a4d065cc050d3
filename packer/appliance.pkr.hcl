# The order in which the image is made. Each step is a program of steps/; it is skipped where nothing
# changed that it reads. Debian's packer 1.6.6 runs this, in a network namespace without a network.
packer {
  required_version = ">= 1.6.6"
}

variable "node" { type = string }
variable "out" { type = string }

source "null" "appliance" {
  communicator = "none"
}

build {
  sources = ["source.null.appliance"]

  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts bundle" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts debian" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts tree" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts initrd" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts root" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts disk" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts keys" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts uki" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts esp" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts files" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts ova" }
  provisioner "shell-local" { command = "${var.node} packer/steps/main.ts look" }

  post-processor "manifest" { output = "${var.out}/manifest.json" }
}
